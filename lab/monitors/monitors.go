package monitors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// Query is an expression of a dashboard's panel or of an alert.
type Query struct {
	Where   string // the panel's title, or the alert's name
	Alert   bool
	Metrics []string // that it names, as they are exposed: a histogram's are its _bucket, _count and _sum

	Severity, Summary, Runbook string // the alert's
}

// Read reads deploy/grafana/click2call.json and deploy/prometheus/alerts.yml. Its error names what cannot be parsed.
func Read(deploy string) ([]Query, error) {
	panels, err := dashboard(filepath.Join(deploy, "grafana", "click2call.json"))
	if err != nil {
		return nil, err
	}
	alerts, err := rules(filepath.Join(deploy, "prometheus", "alerts.yml"))
	return append(panels, alerts...), err
}

// ruleFile is a file of alert rules with the fields that we use; any other is a mistake.
type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr, For    string
			Labels, Annotations map[string]string
		}
	}
}

func rules(file string) ([]Query, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the alerts: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var groups ruleFile
	if err := decoder.Decode(&groups); err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	var queries []Query
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			q, err := query(r.Alert, r.Expr)
			if err != nil {
				return nil, err
			}
			if _, err := model.ParseDuration(cmp.Or(r.For, "0s")); err != nil {
				return nil, fmt.Errorf("parse the alert %s: %w", r.Alert, err)
			}
			q.Alert, q.Severity, q.Summary, q.Runbook = true, r.Labels["severity"], r.Annotations["summary"], r.Annotations["runbook_url"]
			queries = append(queries, q)
		}
	}
	return queries, nil
}

func dashboard(file string) ([]Query, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the dashboard: %w", err)
	}
	type target struct{ Expr string }
	var d struct {
		Panels []struct {
			Type, Title string
			Targets     []target
		}
		Annotations struct{ List []struct{ Name, Expr string } }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	var queries []Query
	add := func(where, expr string) error {
		q, err := query(where, expr)
		queries = append(queries, q)
		return err
	}
	for _, p := range d.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			return nil, fmt.Errorf("parse %s: the panel %q shows nothing", file, p.Title)
		}
		for _, t := range p.Targets {
			if err := add(p.Title, t.Expr); err != nil {
				return nil, err
			}
		}
	}
	for _, a := range d.Annotations.List {
		if err := add(a.Name, a.Expr); err != nil {
			return nil, err
		}
	}
	return queries, nil
}

func query(where, expr string) (Query, error) {
	// Grafana puts an interval there before Prometheus sees it.
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", "1m"))
	if err != nil {
		return Query{}, fmt.Errorf("parse the query of %q: %w", where, err)
	}
	q := Query{Where: where}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			q.Metrics = append(q.Metrics, v.Name)
		}
		return nil
	})
	if len(q.Metrics) == 0 {
		return Query{}, fmt.Errorf("parse the query of %q: it names no metric", where)
	}
	return q, nil
}
