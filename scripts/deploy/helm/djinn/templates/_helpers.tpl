{{- define "djinn.name" -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "djinn.selector" -}}
app.kubernetes.io/name: djinn
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "djinn.labels" -}}
{{ include "djinn.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
