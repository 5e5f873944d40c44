import ArgumentParser
import MakegoodCommands

Makegood.start()
