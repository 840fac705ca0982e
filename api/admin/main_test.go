package admin_test

import (
	"os"
	"testing"

	"github.com/click2call/click2call/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
