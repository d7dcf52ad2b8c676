package cable

import (
	"testing"
	"time"
)

func frame(kind byte, source, destination [4]byte) []byte {
	data := make([]byte, 34)
	data[12], data[13] = 8, kind
	copy(data[26:30], source[:])
	copy(data[30:34], destination[:])
	return data
}

var (
	own   = [4]byte{10, 200, 0, 10}
	west  = [4]byte{10, 200, 0, 11}
	other = [4]byte{10, 200, 0, 12}
)

func TestDelayIsOfTheOtherEnd(t *testing.T) {
	line := NewLine()
	if err := line.Set(Impairment{Delays: []Delay{{Network: "10.200.0.11/32", Microseconds: 15000}}}); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		data      []byte
		direction Direction
		want      time.Duration
	}{
		{frame(0, own, west), Outward, 15 * time.Millisecond},
		{frame(0, west, own), Inward, 15 * time.Millisecond},
		{frame(0, own, other), Outward, 0},
		{frame(0, other, own), Inward, 0},
	}
	for index, item := range cases {
		if delay, dropped := line.Judge(item.data, item.direction); dropped || delay != item.want {
			t.Errorf("case %d: %v dropped=%v, want %v", index, delay, dropped, item.want)
		}
	}
}

func TestHoleSwallowsEverythingButARP(t *testing.T) {
	line := NewLine()
	if err := line.Set(Impairment{Hole: true}); err != nil {
		t.Fatal(err)
	}
	if _, dropped := line.Judge(frame(0, own, west), Outward); !dropped {
		t.Error("a packet came through the hole")
	}
	if _, dropped := line.Judge(frame(6, own, west), Outward); dropped {
		t.Error("ARP was swallowed")
	}
}

func TestLossLosesItsShare(t *testing.T) {
	line := NewLine()
	if err := line.Set(Impairment{Loss: 0.25}); err != nil {
		t.Fatal(err)
	}
	lost := 0
	for range 10000 {
		if _, dropped := line.Judge(frame(0, own, west), Outward); dropped {
			lost++
		}
	}
	if lost < 2000 || lost > 3000 {
		t.Errorf("%d of 10000 lost, want about 2500", lost)
	}
}

func TestNonsenseIsRefusedAndChangesNothing(t *testing.T) {
	line := NewLine()
	for _, wanted := range []Impairment{
		{Loss: 2},
		{Delays: []Delay{{Network: "nowhere"}}},
		{Delays: []Delay{{Network: "10.0.0.0/8", Microseconds: -1}}},
	} {
		if err := line.Set(wanted); err == nil {
			t.Errorf("%+v was taken", wanted)
		}
	}
	if line.Report().Impairment.Loss != 0 {
		t.Error("a refused impairment is in force")
	}
}

func TestShortFramesAreDropped(t *testing.T) {
	if _, dropped := NewLine().Judge([]byte{1, 2, 3}, Outward); !dropped {
		t.Error("a frame without a header passed")
	}
}
