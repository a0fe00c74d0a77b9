package outbound

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const maxLink = 2048

func usualPorts() []uint16 { return []uint16{80, 443} }

// Check refuses a link for what can be seen of it without asking anybody.
// Errors: ErrRefused.
func (c *Client) Check(link string) error {
	parsed, err := url.Parse(link)
	switch {
	case err != nil || len(link) > maxLink:
		return ErrRefused.Detailf("%.64q is not a link", link)
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return ErrRefused.Detailf("%.64q is not an http or https link", link)
	case parsed.User != nil:
		return ErrRefused.Detailf("a link must not hold a user or password")
	case parsed.Opaque != "" || parsed.Hostname() == "":
		return ErrRefused.Detailf("%.64q names no host", link)
	}
	port, ok := portOf(parsed)
	host := strings.ToLower(norm.NFKC.String(parsed.Hostname())) // as names are spelled before they are resolved
	if addr, err := netip.ParseAddr(host); err == nil {
		if ok && c.trusts(netip.AddrPortFrom(addr, port)) {
			return nil
		}
		if why := notPublic(addr); why != "" {
			return ErrRefused.Detailf("the address %s is %s", host, why)
		}
	} else if err := checkName(host); err != nil {
		return err
	}
	if !ok || !slices.Contains(usualPorts(), port) {
		return ErrRefused.Detailf("the port is neither 80 nor 443")
	}
	return nil
}

func portOf(link *url.URL) (port uint16, ok bool) {
	if text := link.Port(); text != "" {
		number, err := strconv.ParseUint(text, 10, 16)
		return uint16(number), err == nil
	}
	if strings.HasSuffix(link.Host, ":") {
		return 0, false
	}
	if link.Scheme == "https" {
		return 443, true
	}
	return 80, true
}

// checkName refuses names that are no names of the public internet: those of this machine or network, and numbers in the
// spellings that some resolvers take for an address (0x7f.1, 2130706433, 0177.0.0.1).
func checkName(host string) error {
	name := strings.TrimSuffix(host, ".")
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	switch {
	case last != "" && strings.Trim(last, "0123456789") == "", strings.HasPrefix(last, "0x"):
		return ErrRefused.Detailf("%.64q is a number and not a name", host)
	case len(labels) < 2 || slices.Contains(labels, ""):
		return ErrRefused.Detailf("%.64q is not a name of the public internet", host)
	case slices.Contains([]string{"localhost", "local", "internal", "lan", "home", "corp", "intranet", "onion"}, last), strings.HasSuffix(name, ".home.arpa"):
		return ErrRefused.Detailf("%.64q is not a name of the public internet", host)
	case strings.ContainsFunc(name, notInName):
		return ErrRefused.Detailf("%.64q is not a name", host)
	}
	return nil
}

// notInName lets international names pass, which the client turns into ASCII.
func notInName(r rune) bool {
	return r <= ' ' || r == '%' || r < 0x80 && !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
}

// special are the ranges of the IANA registries of special-purpose addresses (RFC 6890) that are not globally reachable, or
// that hide another address in them, as far as they are IPv4 or within 2000::/3; and what clouds keep for themselves.
func special() map[string]string {
	return map[string]string{
		"0.0.0.0/8": "of this network", "10.0.0.0/8": "private", "100.64.0.0/10": "of a carrier", "127.0.0.0/8": "of this machine",
		"169.254.0.0/16": "link-local", "172.16.0.0/12": "private", "192.0.0.0/24": "reserved", "192.0.2.0/24": "for documentation",
		"192.88.99.0/24": "reserved", "192.168.0.0/16": "private", "198.18.0.0/15": "for benchmarks", "198.51.100.0/24": "for documentation",
		"168.63.129.16/32": "of a cloud's own service", "203.0.113.0/24": "for documentation", "224.0.0.0/4": "multicast", "240.0.0.0/4": "reserved",
		"2001::/23": "reserved", "2001:db8::/32": "for documentation", "2002::/16": "a tunneled one", "3fff::/20": "for documentation",
	}
}

// notPublic says what an address is that must not be fetched from, "" for one that may. IPv4 addresses written as IPv6 are
// judged as what they are.
func notPublic(addr netip.Addr) string {
	if addr.Zone() != "" {
		return "link-local"
	}
	addr = addr.Unmap()
	if addr.Is6() && !netip.MustParsePrefix("2000::/3").Contains(addr) {
		return "not of the public internet"
	}
	for cidr, what := range special() {
		if netip.MustParsePrefix(cidr).Contains(addr) {
			return what
		}
	}
	return ""
}
