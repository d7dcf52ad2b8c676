package cable

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"testing"
	"time"
)

func ipv4(source, destination string) []byte {
	frame := make([]byte, 14+20+8)
	binary.BigEndian.PutUint16(frame[12:], 0x0800)
	from, to := netip.MustParseAddr(source).As4(), netip.MustParseAddr(destination).As4()
	copy(frame[14+12:], from[:])
	copy(frame[14+16:], to[:])
	return frame
}

func arp() []byte {
	frame := make([]byte, 14+28)
	binary.BigEndian.PutUint16(frame[12:], 0x0806)
	return frame
}

func set(t *testing.T, wanted Impairment) *Line {
	t.Helper()
	line := NewLine()
	if err := line.Set(wanted); err != nil {
		t.Fatal(err)
	}
	return line
}

func TestDelayGoesByTheOtherEnd(t *testing.T) {
	line := set(t, Impairment{Delays: []Delay{
		{Network: "10.0.0.11/32", Microseconds: 15000},
		{Network: "10.0.0.80/28", Microseconds: 40000},
	}})
	cases := []struct {
		name      string
		frame     []byte
		direction Direction
		want      time.Duration
	}{
		{"out, to the node", ipv4("10.0.0.10", "10.0.0.11"), Outward, 15 * time.Millisecond},
		{"in, from the node", ipv4("10.0.0.11", "10.0.0.10"), Inward, 15 * time.Millisecond},
		{"out, to the end of the pool", ipv4("10.0.0.10", "10.0.0.95"), Outward, 40 * time.Millisecond},
		{"out, one beyond the pool", ipv4("10.0.0.10", "10.0.0.96"), Outward, 0},
		{"out, to the host", ipv4("10.0.0.10", "10.0.0.1"), Outward, 0},
		{"in, source is what counts", ipv4("10.0.0.1", "10.0.0.11"), Inward, 0},
		{"ARP", arp(), Outward, 0},
	}
	for _, each := range cases {
		if got := line.Judge(each.frame, each.direction); got.Lost || got.Delay != each.want {
			t.Errorf("%s: %+v, want a delay of %v", each.name, got, each.want)
		}
	}
}

func TestHoleSwallowsAllButARP(t *testing.T) {
	line := set(t, Impairment{Hole: true})
	ipv6 := make([]byte, 60)
	binary.BigEndian.PutUint16(ipv6[12:], 0x86dd)
	for name, frame := range map[string][]byte{"IPv4": ipv4("10.0.0.1", "10.0.0.10"), "IPv6": ipv6} {
		for _, direction := range []Direction{Inward, Outward} {
			if !line.Judge(frame, direction).Lost {
				t.Errorf("%s passes in direction %d", name, direction)
			}
		}
	}
	if line.Judge(arp(), Inward).Lost {
		t.Error("ARP is swallowed")
	}
	if err := line.Set(Impairment{}); err != nil {
		t.Fatal(err)
	}
	if line.Judge(ipv4("10.0.0.1", "10.0.0.10"), Inward).Lost {
		t.Error("a healed line still swallows")
	}
}

func TestLossIsAShare(t *testing.T) {
	line := set(t, Impairment{Loss: 0.25})
	lost := 0
	for range 20000 {
		if line.Judge(ipv4("10.0.0.1", "10.0.0.10"), Inward).Lost {
			lost++
		}
	}
	// 5000 expected; the standard deviation is 61.
	if lost < 4600 || lost > 5400 {
		t.Errorf("lost %d of 20000 at 25%%", lost)
	}
}

func TestBadRulesAreRefusedAndChangeNothing(t *testing.T) {
	line := set(t, Impairment{Hole: true})
	for _, bad := range []Impairment{
		{Loss: 1.5}, {Loss: -0.1},
		{Delays: []Delay{{Network: "east", Microseconds: 1}}},
		{Delays: []Delay{{Network: "10.0.0.0/8", Microseconds: -1}}},
	} {
		if line.Set(bad) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if !line.Report().Impairment.Hole {
		t.Error("a refused rule replaced the one in force")
	}
}

func TestTruncatedFramesAreSafe(t *testing.T) {
	line := set(t, Impairment{Delays: []Delay{{Network: "0.0.0.0/0", Microseconds: 1}}})
	full := ipv4("10.0.0.1", "10.0.0.10")
	for size := range len(full) {
		if got := line.Judge(full[:size], Outward); got.Lost != (size < 14) {
			t.Errorf("%d bytes: %+v", size, got)
		}
	}
}

type sink struct {
	mutex sync.Mutex
	got   []byte
	at    []time.Time
}

func (s *sink) take(data []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.got = append(s.got, data[0])
	s.at = append(s.at, time.Now())
}

func (s *sink) wait(t *testing.T, count int) {
	t.Helper()
	for limit := time.Now().Add(5 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		s.mutex.Lock()
		done := len(s.got) >= count
		s.mutex.Unlock()
		if done {
			return
		}
	}
	t.Fatalf("fewer than %d frames within 5 s", count)
}

func TestAFrameIsDeliveredWhenItIsDue(t *testing.T) {
	s := &sink{}
	due := time.Now().Add(50 * time.Millisecond)
	NewQueue(s.take).Push(netip.Prefix{}, Frame{[]byte{1}, due})
	s.wait(t, 1)
	if late := s.at[0].Sub(due); late < 0 || late > time.Second {
		t.Errorf("delivered %v after it was due", late)
	}
}

func TestOrderStaysWhenTheDelayFalls(t *testing.T) {
	s := &sink{}
	queue, network, now := NewQueue(s.take), netip.MustParsePrefix("10.0.0.0/24"), time.Now()
	queue.Push(network, Frame{[]byte{1}, now.Add(60 * time.Millisecond)})
	queue.Push(network, Frame{[]byte{2}, now.Add(time.Millisecond)})
	queue.Push(network, Frame{[]byte{3}, now})
	s.wait(t, 3)
	if string(s.got) != "\x01\x02\x03" {
		t.Errorf("order %v", s.got)
	}
}

func TestNearDoesNotWaitBehindFar(t *testing.T) {
	s := &sink{}
	queue, now := NewQueue(s.take), time.Now()
	queue.Push(netip.MustParsePrefix("10.0.0.0/24"), Frame{[]byte{1}, now.Add(2 * time.Second)})
	queue.Push(netip.Prefix{}, Frame{[]byte{2}, now})
	s.wait(t, 1)
	if s.got[0] != 2 || time.Since(now) > time.Second {
		t.Errorf("first was %d after %v", s.got[0], time.Since(now))
	}
}

func TestAFullLaneDropsAndSaysSo(t *testing.T) {
	queue := NewQueue(func([]byte) { select {} })
	accepted := 0
	for queue.Push(netip.Prefix{}, Frame{Data: []byte{1}}) && accepted <= depth+1 {
		accepted++
	}
	if accepted < depth || accepted > depth+1 {
		t.Errorf("%d frames fitted into a lane of %d", accepted, depth)
	}
}
