package money

import (
	"strings"
	"sync"
)

// The active currencies of ISO 4217 by number of decimals. Codes without minor units (gold, special
// drawing rights, testing) are left out: nothing can be priced in them. These are the exponents of the
// standard, on purpose: CLDR rounds more currencies to whole units (IDR, COP), and payment providers
// have lists of their own, which are their adapters' business.
const (
	noDecimals    = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	threeDecimals = "BHD IQD JOD KWD LYD OMR TND"
	fourDecimals  = "CLF UYW"
	twoDecimals   = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN " +
		"BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL " +
		"GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD " +
		"LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN " +
		"PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB " +
		"TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)

// exponents is never changed once made.
var exponents = sync.OnceValue(func() map[string]int {
	table := make(map[string]int)
	for digits, codes := range []string{noDecimals, "", twoDecimals, threeDecimals, fourDecimals} {
		for code := range strings.FieldsSeq(codes) {
			table[code] = digits
		}
	}
	return table
})

// Exponent returns the number of decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD. The code is
// upper case. Errors: ErrUnknownCurrency.
func Exponent(currency string) (int, error) {
	digits, ok := exponents()[currency]
	if !ok {
		return 0, ErrUnknownCurrency.Detailf("%.16q is not a supported currency", currency)
	}
	return digits, nil
}
