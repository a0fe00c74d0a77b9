package cartmod_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/cartclient"
	"github.com/rialto-commerce/rialto/internal/cart/cartmod"
	"github.com/rialto-commerce/rialto/internal/cart/carttest"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	keepsTheContract(t, func(_ *testing.T, s *shop) cart.Service { return s.module.Service() })
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	keepsTheContract(t, func(t *testing.T, s *shop) cart.Service {
		return cartclient.New(remotetest.Caller(t, "cart", cartclient.Methods(s.module.Service())))
	})
}

func keepsTheContract(t *testing.T, reach func(*testing.T, *shop) cart.Service) {
	carttest.RunContract(t, func(t *testing.T) carttest.Subject {
		s := newShop(t)
		return carttest.Subject{Service: reach(t, s), Open: func(*testing.T) (string, string) {
			b := s.ready()
			return b.uuid(), b.token
		}}
	})
}

func TestOnlyAFreezeIsCommittedWithoutWaitingForTheDisk(t *testing.T) {
	const watch = `
		CREATE TABLE cart.commits (at serial, how text);
		CREATE FUNCTION cart.begun() RETURNS trigger LANGUAGE plpgsql AS
		    $$ BEGIN PERFORM set_config('synchronous_commit', 'local', true); RETURN NULL; END $$;
		CREATE TRIGGER begun BEFORE INSERT OR UPDATE ON cart.carts EXECUTE FUNCTION cart.begun();
		CREATE FUNCTION cart.committing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
		    $$ BEGIN INSERT INTO cart.commits (how) VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER committing AFTER INSERT OR UPDATE ON cart.carts DEFERRABLE INITIALLY DEFERRED
		    FOR EACH ROW EXECUTE FUNCTION cart.committing()`
	const commits = `SELECT how FROM cart.commits ORDER BY at`
	for lazy, frozen := range map[bool]string{false: "local", true: "off"} {
		s := newShop(t, func(deps *cartmod.Deps) { deps.LazyCommit = lazy })
		s.admin(watch)
		b := s.ready()
		_, err := s.freeze(b, "co_1")
		require.NoError(t, err)
		s.thaw(b, "co_1")

		var how []string
		require.NoError(t, s.db.Admin().Select(t.Context(), &how, commits))
		assert.Equal(t, []string{"local", "local", frozen, "local"}, how)
	}
}

func TestASnapshotHoldsEverythingAnOrderNeeds(t *testing.T) {
	s := newShop(t)
	b := s.ready().must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 2, "metadata": {"engraving": "A. B."}}`)

	snapshot, err := s.freeze(b, "co_1")

	require.NoError(t, err)
	home := cart.Address{FirstName: "Ada", LastName: "Byron", Line1: "Lindenweg 4", City: "Jena", PostalCode: "07743", Country: "DE"}
	assert.Equal(t, b.uuid(), snapshot.CartID)
	assert.Equal(t, b.Version, snapshot.CartVersion)
	assert.Equal(t, cart.SnapshotChannel{ID: s.channel.ID, Code: "web", DeadlineMinutes: 30,
		PaymentCapture: channels.CaptureAutomatic, Origins: []string{"https://shop.example"}}, snapshot.Channel)
	assert.Equal(t, []string{"EUR", "en", "ada@example.com"}, []string{snapshot.Currency, snapshot.Locale, snapshot.Email})
	assert.True(t, snapshot.TaxIncluded)
	assert.Equal(t, &home, snapshot.ShippingAddress)
	assert.Equal(t, &home, snapshot.BillingAddress, "who is sent the goods pays, unless another is named")
	assert.Equal(t, b.Totals, snapshot.Totals)
	require.NotNil(t, snapshot.Shipping)
	assert.Equal(t, "standard", snapshot.Shipping.Code)
	assert.Equal(t, euros(490), snapshot.Shipping.Price)
	assert.Equal(t, euros(78), snapshot.Shipping.Tax)
	require.Len(t, snapshot.Lines, 2)
	mug := snapshot.Lines[1]
	assert.Equal(t, s.variantID("MUG"), mug.VariantID)
	assert.Equal(t, []string{"MUG", "Plain MUG", "", "mug", "standard"}, []string{mug.SKU, mug.Title, mug.VariantTitle, mug.ProductHandle, mug.TaxClass})
	assert.Equal(t, &cart.Thumbnail{URL: "/media/mug.svg", Alt: "A mug"}, mug.Thumbnail)
	assert.Equal(t, map[string]string{"engraving": "A. B."}, mug.Metadata)
	assert.Equal(t, []cart.TaxLine{{Name: "VAT", Rate: "19", Amount: euros(319)}}, mug.TaxLines)
	assert.Equal(t, euros(2000), mug.Total)
	assert.True(t, mug.RequiresShipping)
}

func TestACartThatIsCheckedOutDoesNotChange(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	_, err := s.freeze(b, "co_1")
	require.NoError(t, err)

	for _, op := range []struct{ method, path, body string }{
		{"PATCH", "", `{"note": "late"}`}, {"POST", "/lines", `{"sku": "MUG", "quantity": 1}`}, {"PUT", "/lines", `{"lines": []}`},
		{"PATCH", "/lines/" + b.Lines[0].ID, `{"quantity": 9}`}, {"DELETE", "/lines/" + b.Lines[0].ID, ""}} {
		b.do(op.method, op.path, op.body).refuses(t, 409, "cart_not_open")
	}

	total := b.Totals
	s.set(func(o *owners) { o.reprice("TEE-M", 1) })
	b.must(http.MethodGet, "", "")
	assert.Equal(t, "checking_out", b.Status)
	assert.Equal(t, total, b.Totals, "it is shown as it was agreed")
	assert.Equal(t, "standard", b.ShippingOption["code"])

	s.thaw(b, "co_1")
	b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)
	assert.Equal(t, "open", b.Status)
	assert.Equal(t, euros(1+1000+490), b.Totals.Total)
}

func TestACompletedCartShowsWhatWasBought(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	_, err := s.freeze(b, "co_1")
	require.NoError(t, err)
	order, total := ids.New(), b.Totals

	_, err = s.module.Service().Close(t.Context(), cart.CloseRequest{Carts: []cart.ClosedCart{{Reference: "co_1", CartID: b.uuid(), OrderID: order}}})
	require.NoError(t, err)
	s.set(func(o *owners) { o.reprice("TEE-M", 1) })

	b.must(http.MethodGet, "", "")
	assert.Equal(t, "completed", b.Status)
	assert.Equal(t, ids.Encode("ord", order), b.OrderID)
	assert.Equal(t, total, b.Totals)
	b.do(http.MethodPatch, "", `{"note": "late"}`).refuses(t, 409, "cart_not_open")
}

func TestACartWhoseFreezeLapsedIsOpenAgain(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	_, err := s.module.Service().Freeze(t.Context(), cart.FreezeRequest{Reference: "co_1", CartID: b.uuid(), Until: time.Now().Add(-time.Second)})
	require.NoError(t, err)

	assert.Equal(t, "open", b.must(http.MethodGet, "", "").Status)
	b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)

	_, err = s.freeze(b, "co_1")
	assert.ErrorIs(t, err, cart.ErrReferenceClosed, "the cart has changed since")
	_, err = s.freeze(b, "co_2")
	assert.NoError(t, err)
}

func TestACheckedCartSaysWhatItsLinesWantToday(t *testing.T) {
	s := newShop(t)
	b := s.ready().must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 3}`)
	s.set(func(o *owners) {
		renamed, gone := o.variants["TEE-M"], o.variants["MUG"]
		renamed.SKU = "TEE-MEDIUM"
		delete(o.variants, gone.SKU)
		o.variants["TEE-M"] = renamed
		o.channel.CheckoutDeadlineMinutes = 45
	})

	state, err := s.module.Service().Check(t.Context(), cart.CheckRequest{CartID: b.uuid(), Token: b.token})

	require.NoError(t, err)
	assert.Equal(t, []cart.StateDemand{{SKU: "TEE-MEDIUM", Quantity: 1}, {SKU: "", Quantity: 3}}, state.Demand)
	assert.Equal(t, 45, state.DeadlineMinutes)
}

func TestAFreezeAsksForTodaysPrices(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.set(func(o *owners) { o.reprice("TEE-M", 2500) })

	snapshot, err := s.freeze(b, "co_1")

	require.NoError(t, err)
	assert.Equal(t, euros(2990), snapshot.Totals.Total)
	again, err := s.freeze(b, "co_1")
	require.NoError(t, err)
	s.set(func(o *owners) { o.reprice("TEE-M", 3000) })
	assert.Equal(t, snapshot, again)
}

func TestAReferenceThatWasGivenUpIsClosedWhateverTheCartLacks(t *testing.T) {
	s := newShop(t)
	b := s.open("{}")
	s.thaw(b, "co_1")

	_, err := s.freeze(b, "co_1")

	assert.ErrorIs(t, err, cart.ErrReferenceClosed)
}

func TestAFreezeIsRefusedUntilNothingIsMissing(t *testing.T) {
	tests := []struct {
		name     string
		spoil    func(s *shop, b *basket)
		want     error
		pointers []string
	}{
		{"no lines", func(_ *shop, b *basket) { b.must("PUT", "/lines", `{"lines": []}`) }, cart.ErrEmpty, nil},
		{"no e-mail address", func(_ *shop, b *basket) { b.must("PATCH", "", `{"email": null}`) }, cart.ErrEmailRequired, []string{"/email"}},
		{"no address", func(_ *shop, b *basket) { b.must("PATCH", "", `{"shipping_address": null}`) }, cart.ErrAddressIncomplete,
			[]string{"/shipping_address/first_name", "/shipping_address/last_name", "/shipping_address/line1", "/shipping_address/city", "/shipping_address/postal_code", "/shipping_address/country"}},
		{"half an address", func(_ *shop, b *basket) {
			b.must("PATCH", "", `{"shipping_address": {"first_name": "Ada", "last_name": "Byron", "line1": "Lindenweg 4", "postal_code": "07743", "country": "DE"}}`)
		}, cart.ErrAddressIncomplete, []string{"/shipping_address/city"}},
		{"half a billing address", func(_ *shop, b *basket) {
			b.must("PATCH", "", `{"billing_address": {"first_name": "Ada", "last_name": "Byron", "line1": "Lindenweg 4", "city": "Jena", "country": "DE"}}`)
		}, cart.ErrAddressIncomplete, []string{"/billing_address/postal_code"}},
		{"a country it no longer sells to", func(s *shop, _ *basket) { s.set(func(o *owners) { o.channel.Countries = []string{"FR"} }) },
			channels.ErrUnsupportedCountry, []string{"/shipping_address/country"}},
		{"no shipping option", func(_ *shop, b *basket) { b.must("PATCH", "", `{"shipping_option_id": null}`) }, cart.ErrShippingOptionRequired, []string{"/shipping_option_id"}},
		{"an option that is gone", func(s *shop, _ *basket) { s.set(func(o *owners) { o.options = nil }) }, cart.ErrShippingOptionRequired, []string{"/shipping_option_id"}},
		{"a line that cannot be bought", func(s *shop, b *basket) {
			b.must("POST", "/lines", `{"sku": "MUG", "quantity": 1}`)
			s.set(func(o *owners) { delete(o.prices, o.variants["MUG"].VariantID+"EUR") })
		}, cart.ErrVariantUnavailable, []string{"/lines/1"}},
	}
	s := newShop(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.owners.reset()
			b := s.ready()
			tt.spoil(s, b)

			_, err := s.freeze(b, "co_"+tt.name)

			require.ErrorIs(t, err, tt.want)
			assert.Equal(t, tt.pointers, pointers(t, err))
			assert.Equal(t, "open", b.must(http.MethodGet, "", "").Status)
		})
	}
}

func TestWhatIsNotShippedNeedsNoAddressAndNoOption(t *testing.T) {
	s := newShop(t)
	s.sells("EBOOK", 1000)
	s.set(func(o *owners) {
		v := o.variants["EBOOK"]
		v.RequiresShipping = false
		o.variants["EBOOK"] = v
	})
	b := s.open(`{"lines": [{"sku": "EBOOK", "quantity": 1}]}`).
		must(http.MethodPatch, "", `{"email": "ada@example.com", "billing_address": {"country": "DE"}, "shipping_option_id": "`+s.optionID("world")+`"}`)

	snapshot, err := s.freeze(b, "co_1")

	require.NoError(t, err)
	assert.Nil(t, snapshot.ShippingAddress)
	assert.Nil(t, snapshot.Shipping)
	assert.Equal(t, &cart.Address{Country: "DE"}, snapshot.BillingAddress)
	assert.Equal(t, euros(1000), snapshot.Totals.Total)
	assert.Equal(t, euros(160), snapshot.Totals.Tax)

	b = s.open(`{"lines": [{"sku": "EBOOK", "quantity": 1}]}`).
		must(http.MethodPatch, "", `{"email": "ada@example.com", "billing_address": {"country": "US"}}`)
	_, err = s.freeze(b, "co_2")
	assert.ErrorIs(t, err, channels.ErrUnsupportedCountry)
}

// ready makes a cart that lacks nothing for a checkout.
func (s *shop) ready() *basket {
	return s.open(oneTee).must(http.MethodPatch, "", `{"email": "ada@example.com", "shipping_address": `+address+`, "shipping_option_id": "`+s.optionID("standard")+`"}`)
}

func (s *shop) freeze(b *basket, reference string) (cart.Snapshot, error) {
	return s.module.Service().Freeze(s.t.Context(), cart.FreezeRequest{Reference: reference, CartID: b.uuid(), Until: time.Now().Add(time.Hour)})
}

func (s *shop) thaw(b *basket, reference string) {
	_, err := s.module.Service().Thaw(s.t.Context(), cart.ThawRequest{Reference: reference, CartID: b.uuid()})
	assert.NoError(s.t, err)
}

// reprice changes the price of a SKU in euros.
func (o *owners) reprice(sku string, cents int64) {
	key := o.variants[sku].VariantID + "EUR"
	price := o.prices[key]
	price.Amount = euros(cents)
	o.prices[key] = price
}

// reset makes the owners know what they knew at first; ids stay.
func (o *owners) reset() {
	o.set(func(o *owners) {
		fresh := newOwners()
		o.channel.Countries = fresh.channel.Countries
		o.options = fresh.options
		for sku := range o.variants {
			price := fresh.prices[fresh.variants[sku].VariantID+"EUR"]
			price.VariantID = o.variants[sku].VariantID
			o.prices[price.VariantID+"EUR"] = price
		}
	})
}

func pointers(t *testing.T, err error) []string {
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	var found []string
	for _, field := range f.Fields {
		found = append(found, field.Pointer)
	}
	return found
}
