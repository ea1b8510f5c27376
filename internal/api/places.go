package api

import "errors"

// places are the fields that problems are about, by operation and code, where the core names
// none: it knows no bodies, and its services are told by words as well.
var places = map[string]string{
	"make-first-master address-invalid":  "body.address",
	"add-domain domain-invalid":          "body.name",
	"add-domain setting-wrong":           "body.validation",
	"set-domain setting-wrong":           "body.validation",
	"add-organisation organisation-code": "body.code",
	"add-organisation domain-invalid":    "body.settings.default_domain",
	"set-organisation domain-invalid":    "body.settings.default_domain",
	"add-organisation setting-wrong":     "body.settings",
	"set-organisation setting-wrong":     "body.settings",
	"add-attribute attribute-name":       "body.name",
	"rename-attribute attribute-name":    "body.name",
	"add-member address-invalid":         "body.address",
	"add-member domain-invalid":          "body.address",
	"add-token token-name":               "body.name",
	"add-token token-expiry":             "body.expires",
	"upload domain-invalid":              "query.domain",
}

// placed gives the issues of an error the places that its operation knows.
func placed(operation string, err error) error {
	var list []error
	for _, i := range issuesOf(err) {
		if i.Column == "" {
			i.Column = places[operation+" "+i.Code]
		}
		list = append(list, i)
	}
	if len(list) == 0 {
		return err
	}
	return errors.Join(list...)
}
