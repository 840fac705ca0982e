package world

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/crm"
	"github.com/click2call/click2call/lab/servers"
)

const (
	// TrunkPrefix stands before every number that the lab's product dials.
	TrunkPrefix = "91"
	// TrunkDID is the caller ID of the lab's trunk.
	TrunkDID = "+919999999999"
)

// Options say what kind of world to start.
type Options struct {
	Dir   string // for data, configuration and logs; emptied first unless Keep
	Keep  bool   // go on with the data of the last world in Dir
	Bin   servers.Binaries
	Ports servers.Ports

	// Product is the path of the built click2call; without it there is none.
	Product string
	// ProductLater leaves starting the product to whoever tests it: see NewProduct.
	ProductLater bool
	// Env is added to the product's environment, and wins.
	Env []string
	// LiveKitWebhooks is where LiveKit posts its events: the product when empty.
	LiveKitWebhooks string
	Postgres        bool // use PostgreSQL instead of SQLite
	SIPTLS          *servers.SIPTLS
	Pair            bool // two LiveKit servers and two SIP services, see servers.Config
	// Via puts links between the servers; see servers.Config.
	Via func(from, to, address string) string

	Logger zerolog.Logger                        // the carrier's
	Ready  func(name string, took time.Duration) // told of each part that came up; may be nil
}

// World is a running lab.
type World struct {
	Servers *servers.Servers
	Carrier *carrier.Carrier
	CRM     *crm.CRM
	Product *servers.Process // nil without Options.Product, or with ProductLater
	Secrets Secrets
	TrunkID string // LiveKit's, of the trunk that leads to the carrier

	opts Options
}

// Start starts everything and returns when all of it serves. ctx bounds the start only; Close ends the world. After
// an error nothing is left running.
func Start(ctx context.Context, opts Options) (*World, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("start the lab: %w", err)
	}
	opts.Dir = dir
	w := &World{opts: opts}
	if err := w.start(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *World) start(ctx context.Context) error {
	secrets, err := openState(w.opts.Dir, w.opts.Ports, w.opts.Keep)
	if err != nil {
		return err
	}
	w.Secrets = secrets
	if err := w.startAround(ctx); err != nil {
		return err
	}
	if err := w.startServers(ctx); err != nil {
		return err
	}
	if w.TrunkID, err = w.ensureTrunk(ctx); err != nil {
		return err
	}
	if w.opts.Product == "" || w.opts.ProductLater {
		return nil
	}
	w.Product = w.NewProduct("click2call", w.opts.Ports.Product, "serve")
	began := time.Now()
	if err := w.Product.Start(ctx); err != nil {
		return err
	}
	w.ready(w.Product.Name(), began)
	return nil
}

// startAround starts what is ours and in this process: the carrier and the CRM.
func (w *World) startAround(ctx context.Context) error {
	began, p := time.Now(), w.opts.Ports
	c := carrier.New(carrier.Config{
		SIPAddr: local(p.Carrier), HTTPAddr: local(p.CarrierBooks),
		RTPPortMin: p.CarrierMedia.First, RTPPortMax: p.CarrierMedia.Last, Logger: w.opts.Logger,
	})
	// The carrier lives as long as its context; the world is closed in its own order.
	if err := c.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the carrier (LAB_PORTS: carrier, carrier-books): %w", err)
	}
	w.Carrier = c
	w.ready("carrier", began)

	began = time.Now()
	r, err := crm.New(crm.Config{Addr: local(p.CRM), APIKey: w.Secrets.OutboundKey, Secret: w.Secrets.WebhookSecret})
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return fmt.Errorf("start the CRM (LAB_PORTS: crm): %w", err)
	}
	w.CRM = r
	w.ready("CRM", began)
	return nil
}

func (w *World) startServers(ctx context.Context) error {
	webhooks := w.opts.LiveKitWebhooks
	if webhooks == "" {
		webhooks = w.ProductURL() + "/webhooks/livekit"
	}
	s, err := servers.New(servers.Config{
		Dir: w.opts.Dir, Bin: w.opts.Bin, Ports: w.opts.Ports, Postgres: w.opts.Postgres, Pair: w.opts.Pair, SIPTLS: w.opts.SIPTLS, WebhookURL: webhooks,
		APIKey: w.Secrets.LiveKitKey, APISecret: w.Secrets.LiveKitSecret, Via: w.opts.Via, Ready: w.opts.Ready,
	})
	if err != nil {
		return err
	}
	w.Servers = s
	return s.Start(ctx)
}

// Close stops the product, then what it stands on, then the carrier and the CRM, so that nothing is left without
// what it needs while it ends. It may be called twice.
func (w *World) Close() error {
	if w.Product != nil {
		w.Product.Stop()
	}
	var errs []error
	if w.Carrier != nil {
		errs = append(errs, w.Carrier.Close())
	}
	if w.Servers != nil {
		w.Servers.Close()
	}
	if w.CRM != nil {
		errs = append(errs, w.CRM.Close())
	}
	return errors.Join(errs...)
}

// Processes are all children, the product last.
func (w *World) Processes() []*servers.Process {
	all := w.Servers.All()
	if w.Product != nil {
		all = append(all, w.Product)
	}
	return all
}

// Dir is where the world keeps its data and logs.
func (w *World) Dir() string { return w.opts.Dir }

// ProductURL is the address of the product's api.
func (w *World) ProductURL() string { return "http://" + local(w.opts.Ports.Product) }

func (w *World) ready(name string, began time.Time) {
	if w.opts.Ready != nil {
		w.opts.Ready(name, time.Since(began))
	}
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
