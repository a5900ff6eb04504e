/* SPDX-License-Identifier: MIT */
/*
 * completions.h - the completion of each shell, and what the tables have for all of them
 *
 * A command has verbs ("show path check"), the options of the table (create and upgrade), or
 * directories for operands and the options that its help names.
 */
#pragma once

#include "cli.h"
#include "config/config.h"

/* Print the script for that shell. */
void completions_bash(void);
void completions_zsh(void);
void completions_fish(void);

/* Every long option of COMMAND that is in the table, opposites included: O under NAME. */
typedef void completions_option_fn(const char *command, const struct option_def *o,
				   const char *name);
void completions_each_option(const char *command, completions_option_fn *fn);

/* The commands whose options are in the table. */
void completions_each_builder(void (*fn)(const char *command));

/* The words that a command takes first: "show path check" of its usage. */
void completions_each_verb(void (*fn)(const char *command, const char *verbs));

/* The commands whose operands are directories, and whose options their help names. */
void completions_each_dirs(void (*fn)(const struct command *c));

/*
 * Each "--option" that begins a line of the help of C, or stands behind a letter there; VALUE
 * says that it takes one.
 */
typedef void completions_flag_fn(const struct command *c, const char *name, bool value);
void completions_each_flag(const struct command *c, completions_flag_fn *fn);

/* Print words with a blank between them: the commands, the keys that `config show` takes, ... */
void completions_print_commands(void);
void completions_print_keys(void);
void completions_print_choices(const struct option_def *o);

/* Does O take a value under NAME, which may be its opposite? */
bool completions_takes_value(const struct option_def *o, const char *name);

/* What of the machine's plugins is a value of O: see complete.c; NULL for nothing. */
const char *completions_asked_for(const struct option_def *o);
