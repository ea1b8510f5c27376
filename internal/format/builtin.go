package format

import (
	"embed"
	"fmt"
)

//go:embed builtin/*.toml
var builtinTexts embed.FS

// texts reads the formats that Muster has as texts, in the order of their files.
func texts() (all Set) {
	files, err := builtinTexts.ReadDir("builtin")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		text, err := builtinTexts.ReadFile("builtin/" + file.Name())
		if err != nil {
			panic(err)
		}
		f, problems := Parse(string(text))
		if len(problems) > 0 {
			panic(fmt.Sprintf("format: %s: %v", file.Name(), problems))
		}
		all = append(all, f)
	}
	return all
}
