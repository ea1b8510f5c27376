package importer

import (
	"context"
	"encoding/json"

	"muster/internal/directory"
	"muster/internal/format"
)

// The secrets of a row that a plan does not carry out, because it is in error or was
// left out, are set aside as the file had them: the row may be mended. They end, as all
// others, with the import.

// secretCells are the texts of a row's secret cells, by their columns.
type secretCells map[int]string

// unapplied are the kinds of secrets that a row has until it is applied.
var unapplied = []string{Supplied, Hashed, AccountGiven, Aside}

// sealAside seals the secret cells of a row that is not carried out.
func (s *Service) sealAside(number int64, row int, cells secretCells) ([]Secret, error) {
	if len(cells) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(cells)
	if err != nil {
		return nil, err
	}
	return []Secret{{Row: row, Kind: Aside, Sealed: s.Key.Seal(text, SealedFor(number, row, Aside))}}, nil
}

// secretCells opens what is kept of a row's secrets until it is applied.
func (p *planner) secretCells(ctx context.Context, tx Tx, row int) (secretCells, error) {
	cells := secretCells{}
	for _, kind := range unapplied {
		sealed, err := tx.Secrets(ctx, p.imp.Number, kind, row, row, 1)
		if err != nil {
			return nil, err
		}
		for _, one := range sealed {
			text, err := p.Key.Open(one.Sealed, SealedFor(p.imp.Number, row, kind))
			if err == nil {
				err = p.putBack(cells, kind, text)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return cells, nil
}

// putBack puts a secret into the cell in which it stood.
func (p *planner) putBack(cells secretCells, kind string, text []byte) error {
	switch kind {
	case Aside:
		return json.Unmarshal(text, &cells)
	case AccountGiven:
		given := accountPasswords{}
		err := json.Unmarshal(text, &given)
		for _, spec := range directory.AccountSpecs(p.format.Account) {
			if password, ok := given[spec.Field]; ok {
				cells[p.binding.SecretColumn(format.AccountPrefix+spec.Name)] = password.Plain
			}
		}
		return err
	case Hashed:
		cells[p.binding.SecretColumn("password_hash", "password")] = string(text)
	default:
		cells[p.binding.SecretColumn("password")] = string(text)
	}
	return nil
}

// destroySecrets deletes what is kept of a row's secrets until it is applied.
func destroySecrets(ctx context.Context, tx Tx, number int64, from, to int) error {
	for _, kind := range unapplied {
		if err := tx.DeleteSecrets(ctx, number, kind, from, to); err != nil {
			return err
		}
	}
	return nil
}

// setAside keeps the secrets of a row for the case that it is mended.
func (p *planner) setAside(ctx context.Context, tx Tx, row int) error {
	cells, err := p.secretCells(ctx, tx, row)
	if err == nil {
		err = destroySecrets(ctx, tx, p.imp.Number, row, row)
	}
	if err != nil {
		return err
	}
	sealed, err := p.sealAside(p.imp.Number, row, cells)
	if err != nil {
		return err
	}
	return tx.AddSecrets(ctx, p.imp.Number, sealed)
}
