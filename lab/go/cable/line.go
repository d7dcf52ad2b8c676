package cable

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"net/netip"
	"sync/atomic"
	"time"
)

// Direction of a frame, as seen from the region.
type Direction int

const (
	// Outward frames leave the region.
	Outward Direction = iota
	// Inward frames come into the region.
	Inward
)

// Impairment is what a cable does to frames.
type Impairment struct {
	// Delays by the other end's addresses: one way, in microseconds.
	Delays []Delay `json:"delays"`
	// Loss is the share of frames lost, 0 to 1.
	Loss float64 `json:"loss"`
	// Hole swallows everything but ARP: packets vanish, nothing is refused.
	Hole bool `json:"hole"`
}

// Delay of frames from or to a network.
type Delay struct {
	Network      string `json:"network"`
	Microseconds int64  `json:"microseconds"`
}

// Verdict is what becomes of a frame.
type Verdict struct {
	// Lost frames are not delivered.
	Lost bool
	// Network that the rule is for; the zero value where none fits.
	Network netip.Prefix
	// Delay before delivery.
	Delay time.Duration
}

// Report is what a cable has done so far.
type Report struct {
	Impairment Impairment `json:"impairment"`
	Forwarded  int64      `json:"forwarded"`
	Dropped    int64      `json:"dropped"`
}

type rules struct {
	wanted   Impairment
	networks []netip.Prefix
	delays   []time.Duration
}

// Line holds the rules of a cable; they change while frames run.
type Line struct {
	rules     atomic.Pointer[rules]
	Forwarded atomic.Int64
	Dropped   atomic.Int64
}

// NewLine is a cable that does nothing to frames.
func NewLine() *Line {
	line := &Line{}
	line.rules.Store(&rules{})
	return line
}

// Set replaces all rules at once.
func (l *Line) Set(wanted Impairment) error {
	if wanted.Loss < 0 || wanted.Loss > 1 {
		return fmt.Errorf("loss %v is not between 0 and 1", wanted.Loss)
	}
	next := &rules{wanted: wanted}
	for _, delay := range wanted.Delays {
		network, err := netip.ParsePrefix(delay.Network)
		if err != nil {
			return err
		}
		if delay.Microseconds < 0 {
			return fmt.Errorf("delay %d for %s is negative", delay.Microseconds, network)
		}
		next.networks = append(next.networks, network)
		next.delays = append(next.delays, time.Duration(delay.Microseconds)*time.Microsecond)
	}
	l.rules.Store(next)
	return nil
}

// Report tells the rules in force and the counters.
func (l *Line) Report() Report {
	return Report{Impairment: l.rules.Load().wanted, Forwarded: l.Forwarded.Load(), Dropped: l.Dropped.Load()}
}

// Judge says how long a frame waits, or that it is lost. ARP always passes at once: a hole is a network
// that swallows packets, not one whose neighbours are gone.
func (l *Line) Judge(frame []byte, direction Direction) Verdict {
	now := l.rules.Load()
	const header = 14
	if len(frame) < header {
		return Verdict{Lost: true}
	}
	kind := binary.BigEndian.Uint16(frame[12:14])
	if kind == 0x0806 {
		return Verdict{}
	}
	if now.wanted.Hole || (now.wanted.Loss > 0 && rand.Float64() < now.wanted.Loss) {
		return Verdict{Lost: true}
	}
	if kind != 0x0800 || len(frame) < header+20 {
		return Verdict{}
	}
	at := header + 16 // destination
	if direction == Inward {
		at = header + 12 // source
	}
	peer := netip.AddrFrom4([4]byte(frame[at : at+4]))
	for index, network := range now.networks {
		if network.Contains(peer) {
			return Verdict{Network: network, Delay: now.delays[index]}
		}
	}
	return Verdict{}
}
