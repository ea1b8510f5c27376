package server

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Numbers are what the database tells for Prometheus, the same from every process.
type Numbers struct {
	Imports  map[string]int64 // by state
	Applied  int64            // rows that were applied since ever
	Waiting  int64            // imports that wait for somebody to go on with them
	Hashing  int64            // passwords still to be hashed
	Blocks   int64            // of the history
	Unsealed int64            // entries of it that are not sealed yet
}

// Metrics are the numbers of a process for Prometheus: of the database, asked anew each
// time, and of the requests and sign-ins of this process. None has a label that a client could
// choose, so their number is bounded.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
	numbers  func(context.Context) (Numbers, error)
}

// NewMetrics makes the numbers of a process of some version.
func NewMetrics(version string, numbers func(context.Context) (Numbers, error)) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), numbers: numbers,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_http_requests_total", Help: "Requests, by method, route and status."},
			[]string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "muster_http_request_seconds", Help: "How long requests took, by method and route.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}}, []string{"method", "route"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "muster_sign_ins_total", Help: "Attempts to sign in, by outcome."}, []string{"outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "muster_build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(build, m.requests, m.seconds, m.signIns, database{m}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}

// SignIn counts an attempt to sign in. The outcome is one of a few words, such as done,
// wrong or locked, and nothing that a client has sent.
func (m *Metrics) SignIn(outcome string) { m.signIns.WithLabelValues(outcome).Inc() }

// Handler answers with all numbers, in the format that is asked for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// The numbers of the database.
var (
	up       = prometheus.NewDesc("muster_database_up", "Whether the database could be asked just now.", nil, nil)
	imports  = prometheus.NewDesc("muster_imports", "Imports, by state.", []string{"state"}, nil)
	applied  = prometheus.NewDesc("muster_import_rows_applied_total", "Rows that were applied, by all processes; its rate is rows per second.", nil, nil)
	waiting  = prometheus.NewDesc("muster_queue_length", "Imports that wait for somebody to go on with them.", nil, nil)
	hashing  = prometheus.NewDesc("muster_passwords_to_hash", "Supplied passwords of imports that are still to be hashed.", nil, nil)
	blocks   = prometheus.NewDesc("muster_history_blocks", "Sealed blocks of the history; it never goes down.", nil, nil)
	unsealed = prometheus.NewDesc("muster_history_unsealed_entries", "Entries of the history that are not sealed yet.", nil, nil)
)

// database collects the numbers of the database.
type database struct{ *Metrics }

// Describe says which numbers there are.
func (database) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{up, imports, applied, waiting, hashing, blocks, unsealed} {
		ch <- d
	}
}

// Collect asks the database.
func (d database) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	n, err := d.numbers(ctx)
	if err != nil {
		ch <- prometheus.MustNewConstMetric(up, prometheus.GaugeValue, 0)
		return
	}
	ch <- prometheus.MustNewConstMetric(up, prometheus.GaugeValue, 1)
	ch <- prometheus.MustNewConstMetric(applied, prometheus.CounterValue, float64(n.Applied))
	for desc, value := range map[*prometheus.Desc]int64{waiting: n.Waiting, hashing: n.Hashing, blocks: n.Blocks, unsealed: n.Unsealed} {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value))
	}
	for state, count := range n.Imports {
		ch <- prometheus.MustNewConstMetric(imports, prometheus.GaugeValue, float64(count), state)
	}
}

// OnlyHere lets those in who ask from this machine, without a proxy between. A proxy of
// this machine that does not say so is not told from them, so a server that has a public
// URL lets nobody in.
func OnlyHere(public string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here := public == "" && Client(r.Context()).IsLoopback()
		for _, name := range []string{ForwardedFor, Forwarded, "Via", "X-Real-Ip"} {
			here = here && r.Header.Get(name) == ""
		}
		if !here {
			NewProblem(http.StatusForbidden, NotHere.New("This is answered on the machine itself only.")).Write(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
