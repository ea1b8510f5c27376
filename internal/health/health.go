// Package health answers what supervisors and load balancers ask a server over
// HTTP: GET /healthz, whether the process is alive, and GET /readyz, whether it can
// do its work just now. Both answer with one JSON object, and 200 for yes; no to
// the second is 503, with the reason in plain words. Neither needs a token, so
// neither tells more than that.
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// patience is how long /readyz waits for the database before it says no.
const patience = 2 * time.Second

// Handler answers both questions. Ready is asked anew each time; its error is the
// reason why not.
func Handler(ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"alive": true})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(r.Context(), patience)
		defer stop()
		if err := ready(ctx); err != nil {
			answer(w, http.StatusServiceUnavailable, map[string]any{"ready": false, "reason": err.Error()})
			return
		}
		answer(w, http.StatusOK, map[string]any{"ready": true})
	})
	return mux
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // to somebody who may have gone away
}
