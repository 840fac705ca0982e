package call

import (
	"errors"
	"regexp"
	"strings"
)

var (
	customerNumber = regexp.MustCompile(`^[0-9]{10}$`)
	e164           = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	dialPrefix     = regexp.MustCompile(`^[0-9+*#]{0,16}$`)
)

// Errors of the dial plan, worded for the person who typed the value.
var (
	ErrCustomerNumber = errors.New("must be exactly 10 ASCII digits, for example 9530251797")
	ErrDID            = errors.New("must be a 10-digit number, or one in E.164 form such as +919999999999")
	ErrPrefix         = errors.New("must be at most 16 digits or the signs + * #")
)

// CheckCustomerNumber returns ErrCustomerNumber unless s is exactly ten ASCII digits.
func CheckCustomerNumber(s string) error {
	if !customerNumber.MatchString(s) {
		return ErrCustomerNumber
	}
	return nil
}

// ParseCustomerNumber reads a number of the number plan as people write it: ten digits, with a trunk 0, 91 or +91 before them,
// spaces, dots, hyphens and parentheses among them. It returns the ten digits, or ErrCustomerNumber.
func ParseCustomerNumber(s string) (string, error) {
	e164, err := NormalizeDID(strings.TrimSpace(s))
	digits, isIndian := strings.CutPrefix(e164, "+91")
	if err != nil || !isIndian || CheckCustomerNumber(digits) != nil {
		return "", ErrCustomerNumber
	}
	return digits, nil
}

// CheckPrefix returns ErrPrefix unless s can stand before a number in a SIP user part. Empty is fine.
func CheckPrefix(s string) error {
	if !dialPrefix.MatchString(s) {
		return ErrPrefix
	}
	return nil
}

// NormalizeDID brings a caller ID to E.164: "9999999999", "09999999999" and "919999999999" become
// "+919999999999", and a number that has its "+" is kept. Spaces, dots, hyphens and parentheses are ignored.
func NormalizeDID(s string) (string, error) {
	s = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "").Replace(s)
	switch {
	case customerNumber.MatchString(s):
		s = "+91" + s
	case len(s) == 11 && s[0] == '0':
		s = "+91" + s[1:]
	case len(s) == 12 && strings.HasPrefix(s, "91"):
		s = "+" + s
	}
	if !e164.MatchString(s) {
		return "", ErrDID
	}
	return s, nil
}

// DialedString is what we ask the trunk to dial: the trunk's internal prefix and the clean number. The
// dial preview and the dial itself both use it. The CRM never sees it.
func DialedString(prefix, number string) (string, error) {
	if err := CheckPrefix(prefix); err != nil {
		return "", err
	}
	if err := CheckCustomerNumber(number); err != nil {
		return "", err
	}
	return prefix + number, nil
}

// Mask hides the middle of a number: 9530251797 becomes 95302•••97. Anything shorter than eight
// characters is hidden whole.
func Mask(number string) string {
	const head, tail = 5, 2
	if len(number) < head+tail+1 {
		return strings.Repeat("•", len(number))
	}
	return number[:head] + strings.Repeat("•", len(number)-head-tail) + number[len(number)-tail:]
}

// MaskIn hides a number wherever a text holds it: in a webhook's body, and in what a CRM answers to it.
func MaskIn(text, number string) string {
	if number == "" {
		return text
	}
	return strings.ReplaceAll(text, number, Mask(number))
}
