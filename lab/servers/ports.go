package servers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
)

// Range is an inclusive range of UDP ports.
type Range struct{ First, Last int }

// Ports are all the ports of a lab, every one on 127.0.0.1. The tag is the name in LAB_PORTS.
type Ports struct {
	Redis           int `port:"redis"`
	Temporal        int `port:"temporal"`
	TemporalUI      int `port:"temporal-ui"`
	TemporalHTTP    int `port:"temporal-http"`
	TemporalMetrics int `port:"temporal-metrics"`
	LiveKit         int `port:"livekit"`
	LiveKitTCP      int `port:"livekit-tcp"`
	LiveKitB        int `port:"livekit-b"` // the second server's, with Config.Pair
	LiveKitBTCP     int `port:"livekit-b-tcp"`
	LiveKitFront    int `port:"livekit-front"` // in front of both
	SIP             int `port:"sip"`
	SIPHealth       int `port:"sip-health"`
	SIPTLS          int `port:"sip-tls"` // with Config.SIPTLS
	SIPB            int `port:"sip-b"`   // the second service's
	SIPBHealth      int `port:"sip-b-health"`
	Postgres        int `port:"postgres"`
	Carrier         int `port:"carrier"`
	CarrierBooks    int `port:"carrier-books"`
	CRM             int `port:"crm"`
	Product         int `port:"product"`
	Metrics         int `port:"metrics"` // the product's
	Spare           int `port:"spare"`   // for a second product process, or a proxy between two of the others

	RTC          Range // LiveKit's media; two servers have half of it each
	SIPMedia     Range // the SIP service's RTP; likewise
	CarrierMedia Range // the carrier's RTP
}

// DefaultPorts are what `make run` uses: each server's usual port, except Redis's, where Debian may have
// started its own.
func DefaultPorts() Ports {
	return Ports{
		Redis: 6389, Temporal: 7233, TemporalUI: 8233, TemporalHTTP: 7243, TemporalMetrics: 7244,
		LiveKit: 7880, LiveKitTCP: 7881, LiveKitB: 7890, LiveKitBTCP: 7891, LiveKitFront: 7895,
		SIP: 5060, SIPHealth: 8181, SIPTLS: 5061, SIPB: 5062, SIPBHealth: 8182, Postgres: 5439,
		Carrier: 5070, CarrierBooks: 5071, CRM: 9180, Product: 8080, Metrics: 9464, Spare: 8082,
		RTC: Range{50000, 50199}, SIPMedia: Range{10000, 10199}, CarrierMedia: Range{10200, 10399},
	}
}

// halves of a range, for two servers.
func (r Range) halves() (first, second Range) {
	middle := (r.First + r.Last) / 2
	return Range{r.First, middle}, Range{middle + 1, r.Last}
}

// Override changes single ports: "temporal=7300,product=8090". The error names an unknown one.
func (p *Ports) Override(list string) error {
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		name, value, _ := strings.Cut(item, "=")
		port, err := strconv.Atoi(value)
		if err != nil || port < 1 || port > 65535 {
			return fmt.Errorf("read port %q: write name=number, with a number from 1 to 65535", item)
		}
		field, names := p.byName(name)
		if !field.IsValid() {
			return fmt.Errorf("read port %q: there is no %q; the names are %s", item, name, strings.Join(names, ", "))
		}
		field.SetInt(int64(port))
	}
	return nil
}

func (p *Ports) byName(name string) (reflect.Value, []string) {
	var names []string
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("port")
		if tag == name && tag != "" {
			return v.Field(i), nil
		}
		if tag != "" {
			names = append(names, tag)
		}
	}
	return reflect.Value{}, names
}

// Blocks of ports for private labs lie below the range that Linux takes outgoing connections' ports from
// (32768 and up), so that no connection sits on one by chance, and clear of the defaults above.
const (
	blockSize  = 1000
	firstBlock = 11000
	blockCount = 20
)

// FreePorts reserves ports for a private lab, until release is called or this process dies. Labs on one machine
// never get the same: each holds a lock on its block.
func FreePorts() (ports Ports, release func(), err error) {
	dir := filepath.Join(os.TempDir(), "click2call-ports")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Ports{}, nil, fmt.Errorf("reserve ports: %w", err)
	}
	for _, i := range rand.Perm(blockCount) {
		base := firstBlock + i*blockSize
		lock, err := lockBlock(filepath.Join(dir, strconv.Itoa(base)))
		if err != nil {
			continue // another lab has it
		}
		ports := block(base)
		if checkFree("the lab", ports.all()) == nil {
			return ports, func() { _ = lock.Close() }, nil
		}
		_ = lock.Close()
	}
	return Ports{}, nil, fmt.Errorf("reserve ports: all %d blocks from %d on are taken; stop other labs",
		blockCount, firstBlock)
}

func lockBlock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func block(base int) Ports {
	var p Ports
	v := reflect.ValueOf(&p).Elem()
	next := int64(base)
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Int {
			v.Field(i).SetInt(next)
			next++
		}
	}
	p.RTC = Range{base + 100, base + 399}
	p.SIPMedia = Range{base + 400, base + 699}
	p.CarrierMedia = Range{base + 700, base + 999}
	return p
}

func (p Ports) all() []Listen {
	var all []Listen
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.Int {
			port := int(v.Field(i).Int())
			all = append(all, Listen{"tcp", port}, Listen{"udp", port})
		}
	}
	return all
}

// Listen is a port that a server will listen on.
type Listen struct {
	Network string // "tcp" or "udp"
	Port    int
}

// ErrPortTaken says that a server's port is in use.
var ErrPortTaken = errors.New("port is in use")

// checkFree returns ErrPortTaken, wrapped in a line that names the port and who wants it.
func checkFree(who string, listens []Listen) error {
	for _, l := range listens {
		if err := tryListen(l); err != nil {
			return fmt.Errorf("start %s: %w: %d/%s on 127.0.0.1. Stop what listens there, or choose another with LAB_PORTS",
				who, ErrPortTaken, l.Port, l.Network)
		}
	}
	return nil
}

// tryListen holds the lock that starting a process takes: the child would have the socket, too, until it runs its program, and the port
// would be in use after our Close.
func tryListen(l Listen) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Port))
	if l.Network == "udp" {
		conn, err := net.ListenPacket("udp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return ln.Close()
}
