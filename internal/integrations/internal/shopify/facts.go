package shopify

import "strings"

// categoryStep separates the steps of a path of categories.
const categoryStep = ">"

func tags(list string) []string {
	var found []string
	known := map[string]bool{"": true}
	for tag := range strings.SplitSeq(list, ",") {
		if tag = strings.TrimSpace(tag); !known[tag] {
			known[tag] = true
			found = append(found, tag)
		}
	}
	return found
}

// category is the handle of the last step of the product's category. Google's may be a number, which names nothing here.
func category(first row) string {
	path := first.cell(ColCategory)
	if path == "" {
		path = first.cell(colGoogle)
	}
	if !strings.ContainsFunc(path, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	steps := strings.Split(path, categoryStep)
	return strings.ToLower(slug(steps[len(steps)-1]))
}

// attributes are what the row says in the columns of metafields.
func (r row) attributes() map[string]string {
	if len(r.metafields) == 0 {
		return nil
	}
	found := map[string]string{}
	for _, column := range r.metafields {
		if value := r.at(column.index); value != "" || found[column.name] == "" {
			found[column.name] = value
		}
	}
	return found
}
