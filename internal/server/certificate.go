package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate with its key in two files, such as those that an ACME client
// renews. It is read again when one of them has changed; where the new ones do not
// belong together, as while they are being replaced, the last good one is kept.
type Certificate struct {
	file, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	looked time.Time
	state  [2]fileState
	failed string // the last reason that was told
}

type fileState struct {
	changed time.Time
	size    int64
}

// between is how often a change is looked for, while clients come.
const between = time.Second

// LoadCertificate reads a certificate, the server's own first, and its key.
func LoadCertificate(file, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{file: file, key: key, log: log, looked: time.Now()}
	if file == "" || key == "" {
		return nil, errors.New("tls_certificate and tls_key belong together; set both or none")
	}
	c.state = c.present()
	loaded, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate %s and the key %s cannot be used: %w", file, key, err)
	}
	c.loaded = &loaded
	return c, nil
}

// Leaf is the server's own certificate.
func (c *Certificate) Leaf() *x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loaded.Leaf
}

func (c *Certificate) present() (state [2]fileState) {
	for i, path := range []string{c.file, c.key} {
		if info, err := os.Stat(path); err == nil {
			state[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return state
}

// get returns the certificate for a client.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= between {
		c.looked = time.Now()
		c.renew()
	}
	return c.loaded, nil
}

func (c *Certificate) renew() {
	state := c.present()
	if state == c.state {
		return
	}
	loaded, err := tls.LoadX509KeyPair(c.file, c.key)
	if err != nil {
		if c.failed != err.Error() {
			c.log.Warn("the certificate has changed and cannot be used; the last one is kept", "reason", err.Error())
		}
		c.failed = err.Error()
		return
	}
	c.loaded, c.state, c.failed = &loaded, state, ""
	c.log.Info("the certificate was renewed", "until", loaded.Leaf.NotAfter)
}
