// Package cable joins a region to the bridge between regions, by two TAP devices and a user-space
// queue for frames, where a kernel has no netem: it delays each frame by where it goes, loses some,
// or swallows all of them.
package cable

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/spf13/cobra"
)

// tap opens (and so makes) a TAP device; the file goes on working when the device moves to another
// network namespace.
func tap(name string) (*os.File, error) {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	var request [40]byte
	copy(request[:15], name)
	const tapNoHeader = 0x0002 | 0x1000 // IFF_TAP | IFF_NO_PI
	*(*uint16)(unsafe.Pointer(&request[16])) = tapNoHeader
	const setInterface = 0x400454ca // TUNSETIFF
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), setInterface, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return nil, fmt.Errorf("TAP device %s: %w", name, errno)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// Command runs one cable until it is killed.
func Command() *cobra.Command {
	var near, far, socket string
	command := &cobra.Command{
		Use:   "cable",
		Short: "Join two TAP devices, with delay, loss and black hole",
		RunE: func(*cobra.Command, []string) error {
			a, err := tap(near)
			if err != nil {
				return err
			}
			b, err := tap(far)
			if err != nil {
				return err
			}
			line := NewLine()
			go pump(a, b, line, Outward)
			go pump(b, a, line, Inward)
			if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
				return err
			}
			listener, err := net.Listen("unix", socket)
			if err != nil {
				return err
			}
			for {
				connection, err := listener.Accept()
				if err != nil {
					return err
				}
				go serve(connection, line)
			}
		},
	}
	command.Flags().StringVar(&near, "region", "", "TAP device of the region's end")
	command.Flags().StringVar(&far, "bridge", "", "TAP device of the bridge's end")
	command.Flags().StringVar(&socket, "control", "", "unix socket that takes commands")
	return command
}

// serve takes one JSON object, the whole state wanted, and answers with counters.
func serve(connection net.Conn, line *Line) {
	defer connection.Close()
	text, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil && err != io.EOF {
		return
	}
	if strings.TrimSpace(text) != "" {
		var wanted Impairment
		if err := json.Unmarshal([]byte(text), &wanted); err != nil {
			fmt.Fprintf(connection, "{\"error\": %q}\n", err.Error())
			return
		}
		if err := line.Set(wanted); err != nil {
			fmt.Fprintf(connection, "{\"error\": %q}\n", err.Error())
			return
		}
	}
	answer, err := json.Marshal(line.Report())
	if err != nil {
		return
	}
	connection.Write(append(answer, '\n')) //nolint:errcheck // the asker has gone, and nobody else wants it
}

const frameSize = 65536

func pump(from, to *os.File, line *Line, direction Direction) {
	queue := NewQueue(func(data []byte) {
		if _, err := to.Write(data); err == nil {
			line.Forwarded.Add(1)
		}
	})
	buffer := make([]byte, frameSize)
	for {
		count, err := from.Read(buffer)
		if err != nil {
			if errors.Is(err, os.ErrClosed) {
				log.Printf("cable: %v", err)
				return
			}
			// The device is down while it moves between namespaces.
			time.Sleep(20 * time.Millisecond)
			continue
		}
		verdict := line.Judge(buffer[:count], direction)
		frame := Frame{Data: append([]byte(nil), buffer[:count]...), Due: time.Now().Add(verdict.Delay)}
		if verdict.Lost || !queue.Push(verdict.Network, frame) {
			line.Dropped.Add(1)
		}
	}
}
