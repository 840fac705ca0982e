package carrier

import "math/bits"

// G.711 µ-law: eight segments, each twice as coarse as the one before it.
const (
	ulawBias = 0x84
	ulawClip = 32635
)

func ulawEncode(sample int16) byte {
	v, sign := int(sample), 0
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, ulawClip) + ulawBias
	segment := bits.Len(uint(v)) - 8
	return ^byte(sign | segment<<4 | v>>(segment+3)&0x0f)
}

func ulawDecode(b byte) int16 {
	b = ^b
	v := (int(b&0x0f)<<3+ulawBias)<<(b>>4&7) - ulawBias
	if b&0x80 != 0 {
		return int16(-v)
	}
	return int16(v)
}
