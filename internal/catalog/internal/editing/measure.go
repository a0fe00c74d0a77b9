package editing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// MeasurePictures implements catalog.Service.
func (e *Editor) MeasurePictures(ctx context.Context, req catalog.MeasurePicturesRequest) (answer catalog.MeasurePicturesAnswer, err error) {
	byProduct := map[string][]catalog.PictureSize{}
	for _, size := range req.Pictures {
		byProduct[size.ProductID] = append(byProduct[size.ProductID], size)
	}
	for id, sizes := range byProduct {
		changed, err := e.measure(ctx, id, sizes)
		if err != nil {
			return answer, fmt.Errorf("measure pictures of product %s: %w", id, err)
		}
		if changed {
			answer.Changed++
		}
	}
	return answer, nil
}

func (e *Editor) measure(ctx context.Context, id string, sizes []catalog.PictureSize) (changed bool, err error) {
	err = e.repeat(func() error {
		before, err := e.store.Product(ctx, id)
		if errors.Is(err, catalog.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		after := product.Clone(before)
		for _, size := range sizes {
			for i, picture := range after.Media {
				if picture.URL == size.URL {
					after.Media[i].Width, after.Media[i].Height = size.Width, size.Height
				}
			}
		}
		if changed = !product.Same(before, after); !changed {
			return nil
		}
		_, err = e.write(ctx, before, after)
		return err
	})
	return changed, err
}
