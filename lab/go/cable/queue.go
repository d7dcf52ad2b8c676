package cable

import (
	"net/netip"
	"time"
)

// depth of a lane, in frames: above the bandwidth-delay product of 300 Mbit/s over half a second, so
// that a slow WAN is slow and does not lose.
const depth = 65536

// Frame waits in a lane until it is due.
type Frame struct {
	Data []byte
	Due  time.Time
}

// Queue delivers the frames of one direction. Each network has a lane of its own, so that a frame to
// a near place does not wait behind one to a far place; inside a lane the order never changes, also
// when the delay does.
type Queue struct {
	lanes   map[netip.Prefix]chan Frame
	deliver func([]byte)
}

// NewQueue hands frames to deliver, which several lanes may call at once.
func NewQueue(deliver func([]byte)) *Queue {
	return &Queue{lanes: map[netip.Prefix]chan Frame{}, deliver: deliver}
}

// Push puts a frame into the lane of a network; false when the lane is full. For one caller only.
func (q *Queue) Push(network netip.Prefix, frame Frame) bool {
	lane, open := q.lanes[network]
	if !open {
		lane = make(chan Frame, depth)
		q.lanes[network] = lane
		go q.drain(lane)
	}
	select {
	case lane <- frame:
		return true
	default:
		return false
	}
}

func (q *Queue) drain(lane <-chan Frame) {
	for frame := range lane {
		if wait := time.Until(frame.Due); wait > 0 {
			time.Sleep(wait)
		}
		q.deliver(frame.Data)
	}
}
