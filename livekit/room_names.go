package livekit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	maxListBytes = 256 << 20 // of LiveKit's whole list of rooms: some 800,000 of them
	maxRoomBytes = 1 << 20   // of one room in it
	// The fields' numbers in LiveKit's protocol: ListRoomsResponse.rooms and Room.name.
	fieldRooms = 1
	fieldName  = 2
)

// namesOnly leaves nothing but the names of the rooms of a ListRooms reply, while it is read: a hundred thousand rooms are 30 MB, which
// nobody needs in memory at once.
type namesOnly struct{ base http.RoundTripper }

func (n namesOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.base.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{&roomNames{from: bufio.NewReader(&capped{resp.Body, maxListBytes})}, resp.Body}
	resp.ContentLength = -1
	resp.Header.Del("Content-Length")
	return resp, nil
}

var errTooLong = errors.New("LiveKit's list of rooms is longer than can be read")

// capped fails where io.LimitReader would end: a list that is cut must not pass for a whole one.
type capped struct {
	from io.Reader
	left int
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLong
	}
	n, err := c.from.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// roomNames reads a ListRooms reply as the same with the names alone.
type roomNames struct {
	from *bufio.Reader
	room []byte // as it came
	out  []byte // what is left to be read of the room's name
}

func (n *roomNames) Read(p []byte) (int, error) {
	for len(n.out) == 0 {
		if err := n.next(); err != nil {
			return 0, err
		}
	}
	read := copy(p, n.out)
	n.out = n.out[read:]
	return read, nil
}

// next reads one room. io.EOF is the end of the list, between two rooms.
func (n *roomNames) next() error {
	tag, err := binary.ReadUvarint(n.from)
	if err != nil {
		return err
	}
	if field, kind := protowire.DecodeTag(tag); field != fieldRooms || kind != protowire.BytesType {
		return fmt.Errorf("LiveKit's list of rooms has a field %d of type %d", field, kind)
	}
	size, err := binary.ReadUvarint(n.from)
	if err != nil {
		return whole(err)
	}
	if size > maxRoomBytes {
		return fmt.Errorf("a room in LiveKit's list has %d bytes", size)
	}
	if uint64(cap(n.room)) < size {
		n.room = make([]byte, size)
	}
	n.room = n.room[:size]
	if _, err := io.ReadFull(n.from, n.room); err != nil {
		return whole(err)
	}
	name, err := nameOf(n.room)
	if err != nil {
		return err
	}
	inner := protowire.AppendBytes(protowire.AppendTag(nil, fieldName, protowire.BytesType), name)
	n.out = protowire.AppendBytes(protowire.AppendTag(n.out[:0], fieldRooms, protowire.BytesType), inner)
	return nil
}

// whole makes an end within a room an error.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func nameOf(room []byte) (name []byte, err error) {
	for len(room) > 0 {
		field, kind, n := protowire.ConsumeField(room)
		if n < 0 {
			return nil, fmt.Errorf("a room in LiveKit's list: %w", protowire.ParseError(n))
		}
		if field == fieldName && kind == protowire.BytesType {
			_, _, t := protowire.ConsumeTag(room)
			name, _ = protowire.ConsumeBytes(room[t:])
		}
		room = room[n:]
	}
	return name, nil
}
