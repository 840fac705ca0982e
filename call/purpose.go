package call

import "fmt"

// Purpose is why a customer is called. The law of many countries treats the three differently.
type Purpose string

// The purposes, from the one with most rights to the one with fewest.
const (
	PurposeService       Purpose = "service"       // an answer to the customer's own request
	PurposeTransactional Purpose = "transactional" // about something that the customer bought or owes
	PurposePromotional   Purpose = "promotional"   // to sell
)

// Purposes returns every purpose.
func Purposes() []Purpose { return []Purpose{PurposeService, PurposeTransactional, PurposePromotional} }

// CheckPurpose returns an error, worded for the person who typed the value, unless p is one of [Purposes].
func CheckPurpose(p Purpose) error {
	for _, known := range Purposes() {
		if p == known {
			return nil
		}
	}
	return fmt.Errorf("must be one of service, transactional, promotional")
}
