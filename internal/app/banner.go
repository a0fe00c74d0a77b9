package app

import (
	"context"
	_ "embed"
	"io"
	"text/template"

	"github.com/rialto-commerce/rialto/internal/app/demo"
	"github.com/rialto-commerce/rialto/internal/channels"
)

//go:embed banner.txt
var bannerText string

var banner = template.Must(template.New("banner").Parse(bannerText))

type bannerFacts struct {
	URL            string
	DataDir        string
	PublishableKey string
	AdminKey       string
	SKU            string
}

// printBanner says where everything is, and a command that buys something when there is something to buy.
func (a *App) printBanner(ctx context.Context, out io.Writer, adminKey string) error {
	channel, err := a.modules.channels.Resolve(ctx, channels.ResolveRequest{})
	if err != nil {
		return err
	}
	facts := bannerFacts{URL: a.cfg.publicURL(), DataDir: a.cfg.DataDir, PublishableKey: channel.Channel.PublishableKey, AdminKey: adminKey}
	if a.cfg.Demo {
		facts.SKU = demo.FeaturedSKU
	}
	return banner.Execute(out, facts)
}
