package bench

import "context"

type Cost struct{}

func (b *bench) cost(context.Context) error  { return nil }
func (b *bench) lives(context.Context) error { return nil }
func (b *bench) live(context.Context) error  { return nil }
