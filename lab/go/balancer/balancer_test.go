package balancer

import (
	"net/netip"
	"testing"
)

func TestNextIsTheLowestFree(t *testing.T) {
	pool := netip.MustParsePrefix("10.200.0.64/30")
	taken := map[netip.Addr]bool{}
	for _, want := range []string{"10.200.0.64", "10.200.0.65", "10.200.0.66", "10.200.0.67"} {
		got, err := Next(pool, taken)
		if err != nil || got.String() != want {
			t.Fatalf("%v %v, want %s", got, err, want)
		}
		taken[got] = true
	}
	if got, err := Next(pool, taken); err == nil {
		t.Errorf("a full pool gave %v", got)
	}
	delete(taken, netip.MustParseAddr("10.200.0.65"))
	if got, err := Next(pool, taken); err != nil || got.String() != "10.200.0.65" {
		t.Errorf("what was given back is not given out: %v %v", got, err)
	}
}
