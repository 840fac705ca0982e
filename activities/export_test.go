package activities

import "context"

// CheckTrunksOnce is for tests.
func (w *Watching) CheckTrunksOnce(ctx context.Context) { w.checkTrunksOnce(ctx) }
