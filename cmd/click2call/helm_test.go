package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The chart refuses what it does not know, so it must know every variable: by its schema, or as a key of the Secret.
func TestChartKnowsEveryVariable(t *testing.T) {
	t.Parallel()
	chart := filepath.Join(repository, "deploy", "helm", "click2call")
	text, err := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	require.NoError(t, err)
	var schema struct {
		Properties struct {
			Config struct {
				Properties map[string]any
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &schema))
	helpers, err := os.ReadFile(filepath.Join(chart, "templates", "_helpers.tpl"))
	require.NoError(t, err)
	inValues := schema.Properties.Config.Properties
	known := []string{"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
	for _, v := range variables(reflect.TypeFor[Config]()) {
		known = append(known, v.name)
		if _, ok := inValues[v.name]; !ok {
			require.Contains(t, string(helpers), v.name, "neither values.schema.json nor templates/_helpers.tpl lets operators set it")
		}
	}
	for name := range inValues {
		require.True(t, slices.Contains(known, name), "the chart knows %s, and the program does not", name)
	}
}
