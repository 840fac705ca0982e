package bench

import "context"

func (b *bench) lives(context.Context) error { return nil }
func (b *bench) live(context.Context) error  { return nil }
