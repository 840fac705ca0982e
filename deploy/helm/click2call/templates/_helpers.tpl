{{- define "click2call.name" -}}
{{- if contains "click2call" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-click2call" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "click2call.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What selects a component's pods. It can never change: Deployments' selectors are immutable. */}}
{{- define "click2call.selector" -}}
app.kubernetes.io/name: click2call
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "click2call.labels" -}}
{{ include "click2call.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "click2call.metadata" -}}
name: {{ include "click2call.name" .root }}-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "click2call.labels" . | nindent 2 }}
{{- end }}

{{/* Everything comes from values and from one Secret that is there already: no secret passes through Helm's release data. */}}
{{- define "click2call.env" -}}
- {name: CLICK2CALL_LISTEN, value: ":8080"}
- {name: CLICK2CALL_METRICS_LISTEN, value: ":9464"}
{{- range $name, $value := .Values.config }}
{{- if $value }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
{{- range list "DATABASE_URL" "CLICK2CALL_SECRET_KEY" }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.existingSecret }}, key: {{ . }}}}
{{- end }}
{{- range list "LIVEKIT_API_KEY" "LIVEKIT_API_SECRET" "CRM_INBOUND_API_KEY" "CRM_WEBHOOK_API_KEY" "CRM_WEBHOOK_SECRET" "CLICK2CALL_ADMIN_PASSWORD" "TEMPORAL_API_KEY" }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.existingSecret }}, key: {{ . }}, optional: true}}
{{- end }}
{{- if .Values.temporalTLSSecret }}
- {name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /etc/temporal-tls/tls.crt}
- {name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /etc/temporal-tls/tls.key}
- {name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: /etc/temporal-tls/ca.crt}
{{- end }}
{{- end }}

{{/* The one container of a pod of ours. The image has no shell and wants to write nothing. */}}
{{- define "click2call.container" -}}
name: {{ .component }}
image: {{ include "click2call.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: [{{ .command }}]
env:
  {{- include "click2call.env" .root | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
resources:
  {{- toYaml .resources | nindent 2 }}
{{- if or .root.Values.temporalTLSSecret .root.Values.extraVolumeMounts }}
volumeMounts:
  {{- if .root.Values.temporalTLSSecret }}
  - {name: temporal-tls, mountPath: /etc/temporal-tls, readOnly: true}
  {{- end }}
  {{- with .root.Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What all pods of ours share. None of them speaks to Kubernetes. */}}
{{- define "click2call.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or .root.Values.temporalTLSSecret .root.Values.extraVolumes }}
volumes:
  {{- with .root.Values.temporalTLSSecret }}
  - {name: temporal-tls, secret: {secretName: {{ . }}, defaultMode: 0440}}
  {{- end }}
  {{- with .root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "click2call.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "click2call.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{- define "click2call.podmeta" -}}
labels:
  {{- include "click2call.labels" . | nindent 2 }}
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .root.Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
