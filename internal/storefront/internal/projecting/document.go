package projecting

import (
	"html"
	"slices"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// Document is what a product says in one channel and locale, and by what it is found.
type Document struct {
	ProductID    string
	ChannelID    string
	Locale       string
	Categories   []string
	Collections  []string
	OptionValues []string
	Body         Body
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Body is the part of a product page that does not change with its sales. Ids are internal.
type Body struct {
	ID              string               `json:"id"`
	Handle          string               `json:"handle"`
	Title           string               `json:"title"`
	DescriptionHTML string               `json:"description_html"`
	DescriptionText string               `json:"description_text"`
	Vendor          string               `json:"vendor"`
	Tags            []string             `json:"tags"`
	Options         []catalog.Option     `json:"options"`
	Media           []catalog.Media      `json:"media"`
	Variants        []BodyVariant        `json:"variants"`
	Categories      []catalog.Category   `json:"categories"`
	Collections     []catalog.Collection `json:"collections"`
	Attributes      map[string]string    `json:"attributes"`
	SEO             catalog.SEO          `json:"seo"`
	UpdatedAt       time.Time            `json:"updated_at"`
}

// BodyVariant is a variant without its price and availability.
type BodyVariant struct {
	ID      string                   `json:"id"`
	SKU     string                   `json:"sku"`
	Title   string                   `json:"title"`
	Options []catalog.SelectedOption `json:"options"`
}

// documentsOf makes the documents of the active products in every channel and locale.
func documentsOf(products []catalog.Product, sellers []channels.Channel, tree []catalog.Category) []Document {
	var documents []Document
	for _, product := range products {
		if product.Status != catalog.StatusActive {
			continue
		}
		common := Document{ProductID: product.ID, Body: bodyOf(product), CreatedAt: product.CreatedAt, UpdatedAt: product.UpdatedAt,
			Categories: categoryKeys(product.Categories, tree), Collections: collectionKeys(product.Collections), OptionValues: optionKeys(product.Variants)}
		for _, channel := range sellers {
			for _, locale := range channel.Locales {
				document := common
				document.ChannelID, document.Locale = channel.ID, locale
				documents = append(documents, document)
			}
		}
	}
	return documents
}

func bodyOf(product catalog.Product) Body {
	body := Body{ID: product.ID, Handle: product.Handle, Title: product.Title, Vendor: product.Vendor, Tags: product.Tags,
		DescriptionHTML: product.Description, DescriptionText: textOf(product.Description), Options: product.Options, Media: product.Media,
		Categories: product.Categories, Collections: product.Collections, Attributes: product.Attributes, SEO: product.SEO, UpdatedAt: product.UpdatedAt}
	for _, v := range product.Variants {
		body.Variants = append(body.Variants, BodyVariant{ID: v.ID, SKU: v.SKU, Title: v.Title, Options: v.Options})
	}
	return body
}

// textOf is a description without its markup, on one line.
func textOf(description string) string {
	bare := bluemonday.StrictPolicy().AddSpaceWhenStrippingTag(true).Sanitize(description)
	return strings.Join(strings.Fields(html.UnescapeString(bare)), " ")
}

// categoryKeys are the public ids and handles by which a product is found, those of ancestors among them.
func categoryKeys(own, tree []catalog.Category) []string {
	byID := make(map[string]catalog.Category, len(tree))
	for _, category := range tree {
		byID[category.ID] = category
	}
	keys := []string{}
	for _, category := range own {
		for id := category.ID; id != ""; id = byID[id].ParentID {
			node, known := byID[id]
			if !known || slices.Contains(keys, node.Handle) {
				break
			}
			keys = append(keys, ids.Encode(catalog.CategoryPrefix, id), node.Handle)
		}
	}
	return keys
}

func collectionKeys(own []catalog.Collection) []string {
	keys := []string{}
	for _, collection := range own {
		keys = append(keys, ids.Encode(catalog.CollectionPrefix, collection.ID), collection.Handle)
	}
	return keys
}

// optionKeys are "color=Red" for every value that a variant has, once each.
func optionKeys(variants []catalog.Variant) []string {
	keys := []string{}
	for _, v := range variants {
		for _, option := range v.Options {
			keys = append(keys, strings.ToLower(option.Name)+"="+option.Value)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
