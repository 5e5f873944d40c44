import ArgumentParser
import MakegoodCommands

Makegood.main()
