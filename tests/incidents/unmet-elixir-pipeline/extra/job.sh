#!/bin/bash
elixir p.exs
