package deploy

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// instruction is one line of a Dockerfile, such as COPY go.mod ./ with its flags apart.
type instruction struct {
	name  string
	flags []string
	rest  string
}

// image is what a Dockerfile makes: its stages by name, and the instructions of the last one.
type image struct {
	bases  []string
	stages []string
	all    []instruction
	final  []instruction
}

func parseDockerfile(text string) image {
	joined := regexp.MustCompile(`\\\n`).ReplaceAllString(text, " ")
	var made image
	for line := range strings.Lines(joined) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		step := parseInstruction(line)
		if step.name == "FROM" {
			words := strings.Fields(step.rest)
			made.bases = append(made.bases, words[0])
			made.stages = append(made.stages, words[len(words)-1])
			made.final = nil
		}
		made.all = append(made.all, step)
		made.final = append(made.final, step)
	}
	return made
}

func parseInstruction(line string) instruction {
	name, rest, _ := strings.Cut(line, " ")
	step := instruction{name: strings.ToUpper(name)}
	rest = strings.TrimSpace(rest)
	for strings.HasPrefix(rest, "--") {
		flag, after, _ := strings.Cut(rest, " ")
		step.flags = append(step.flags, flag)
		rest = strings.TrimSpace(after)
	}
	step.rest = rest
	return step
}

// last is what the last instruction of that name in the final stage says, or "".
func (i image) last(name string) string {
	said := ""
	for _, step := range i.final {
		if step.name == name {
			said = step.rest
		}
	}
	return said
}

// env is the value that the final stage gives to a variable, or "".
func (i image) env(variable string) string {
	for _, step := range i.final {
		if value, ok := strings.CutPrefix(step.rest, variable+"="); ok && step.name == "ENV" {
			return value
		}
	}
	return ""
}

// healthcheck is the command, as a list of words, that says whether a container is well.
func (i image) healthcheck() []string {
	return words(strings.TrimSpace(strings.TrimPrefix(i.last("HEALTHCHECK"), "CMD")))
}

// words reads the exec form of a command: a JSON list.
func words(exec string) []string {
	var list []string
	if json.Unmarshal([]byte(exec), &list) != nil {
		return nil
	}
	return list
}

// lintDockerfile answers what is wrong with the Dockerfile of a tree, which holds the sources it copies.
func lintDockerfile(tree fs.FS, text string) []string {
	made := parseDockerfile(text)
	var findings []string
	for n, base := range made.bases {
		if !slices.Contains(made.stages[:n], base) {
			findings = append(findings, lintReference(base)...)
		}
	}
	findings = append(findings, lintUser(made)...)
	findings = append(findings, lintCommands(made)...)
	findings = append(findings, lintSources(tree, made)...)
	findings = append(findings, lintGoVersion(tree, made)...)
	for _, step := range made.all {
		if (step.name == "ENV" || step.name == "ARG") && secretName.MatchString(step.rest) {
			findings = append(findings, "a secret in the image: "+step.name+" "+step.rest)
		}
	}
	return findings
}

// secretName finds the names of variables that must not have a value in a file.
var secretName = regexp.MustCompile(`(?i)(password|secret|token|database_url|_key\b)`)

// lintReference holds a base image to a version: a digest, or a tag other than latest with a number in the reference.
func lintReference(reference string) []string {
	name, tag, tagged := strings.Cut(path.Base(reference), ":")
	if strings.Contains(reference, "@sha256:") || tagged && tag != "latest" && regexp.MustCompile(`\d`).MatchString(name+tag) {
		return nil
	}
	return []string{"the image " + reference + " has no version"}
}

func lintUser(made image) []string {
	user, _, _ := strings.Cut(made.last("USER"), ":")
	if user == "" || user == "root" || user == "0" {
		return []string{"the container runs as root"}
	}
	return nil
}

func lintCommands(made image) []string {
	var findings []string
	entry := words(made.last("ENTRYPOINT"))
	if len(entry) != 1 || path.Base(entry[0]) != "server" {
		findings = append(findings, "the entry point is not the server, in exec form")
	}
	if health := made.healthcheck(); len(entry) == 0 || !slices.Equal(health, []string{entry[0], "healthcheck"}) {
		findings = append(findings, "the health check is not the server's own")
	}
	if port := made.last("EXPOSE"); port == "" || made.env("RIALTO_ADDR") != ":"+port {
		findings = append(findings, "the port that is exposed is not the one that the server listens on")
	}
	return findings
}

// lintSources checks that what is copied from the tree is there and is let through by .dockerignore.
func lintSources(tree fs.FS, made image) []string {
	ignore, _ := fs.ReadFile(tree, ".dockerignore")
	allowed := strings.Split(string(ignore), "\n")
	var findings []string
	for _, step := range made.all {
		if step.name != "COPY" {
			continue
		}
		if len(step.flags) > 0 {
			if stage := strings.TrimPrefix(step.flags[0], "--from="); !slices.Contains(made.stages, stage) {
				findings = append(findings, "COPY from "+stage+", which is no stage")
			}
			continue
		}
		sources := strings.Fields(step.rest)
		for _, source := range sources[:len(sources)-1] {
			if _, err := fs.Stat(tree, source); err != nil {
				findings = append(findings, "COPY of "+source+", which does not exist")
			}
			if !slices.Contains(allowed, "!"+source) {
				findings = append(findings, "COPY of "+source+", which .dockerignore leaves out")
			}
		}
	}
	return findings
}

// lintGoVersion checks that the image builds with the version of Go that go.mod asks for.
func lintGoVersion(tree fs.FS, made image) []string {
	module, err := fs.ReadFile(tree, "go.mod")
	if err != nil {
		return []string{err.Error()}
	}
	asked := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if asked == nil {
		return []string{"go.mod names no version of Go"}
	}
	want := "golang:" + string(asked[1])
	for _, base := range made.bases {
		if base == want || strings.HasPrefix(base, want+"-") || strings.HasPrefix(base, want+".") {
			return nil
		}
	}
	return []string{fmt.Sprintf("no stage builds with %s, which go.mod asks for", want)}
}
