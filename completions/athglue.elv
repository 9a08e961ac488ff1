
use builtin;
use str;

set edit:completion:arg-completer[athglue] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'athglue'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'athglue'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Writes a stack.toml to start from'
            cand validate 'Checks stack.toml and the files it names, without calling anything'
            cand plan 'Shows what `up` would change, and changes nothing'
            cand up 'Makes everything so as stack.toml says: creates, changes and deletes what it takes'
            cand destroy 'Deletes everything that the stack owns'
            cand status 'Shows everything of the stack and whether it is as stack.toml says'
            cand policy 'Shows the policy that something of the stack needs, with the reason of every statement'
            cand outputs 'Shows what the stack has under [outputs]'
            cand crawl 'Runs crawlers, waits for them, and shows what changed in the catalog'
            cand infer 'Says what tables and columns are in files, as Glue''s crawler would; writes nothing'
            cand query 'Runs SQL on Athena and prints the rows'
            cand run 'Runs a state machine and shows its states as they run'
            cand executions 'Lists, shows, stops and redrives executions of state machines'
            cand graph 'Draws a state machine, from the stack or from a file; asks no cloud'
            cand test 'Runs the test cases of state machines in this process: mocked tasks, a clock that waits for nothing, no cloud'
            cand tables 'Lists the tables of the catalog'
            cand describe 'Shows a table: its columns, where its data is, and how it is read'
            cand demo 'Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it down'
            cand local 'Serves, empties or finds the embedded cloud'
            cand schema 'Prints the JSON schema of stack.toml, for editors'
            cand completions 'Prints the completions of a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;init'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --example 'Writes the whole example that `athglue demo` uses, with its data'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;validate'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;plan'= {
            cand --save 'Writes the plan to this file: `up FILE` carries it out if nothing moved until then'
            cand --only 'Only this one, and what it depends on; may be given more than once'
            cand --force 'This one may be deleted or replaced with the data in it; may be given more than once'
            cand --adopt 'Takes this one over, with its data, if it is there already and belongs to no stack; may be given more than once'
            cand --reads 'How many resources are read at a time'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --detailed-exitcode 'Exits with 2 if there are changes'
            cand --keep-orphans 'Leaves what the stack owns and stack.toml no longer has'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;up'= {
            cand --only 'Only this one, and what it depends on; may be given more than once'
            cand --force 'This one may be deleted or replaced with the data in it; may be given more than once'
            cand --adopt 'Takes this one over, with its data, if it is there already and belongs to no stack; may be given more than once'
            cand --reads 'How many resources are read at a time'
            cand --parallelism 'How many changes are made at a time'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --keep-orphans 'Leaves what the stack owns and stack.toml no longer has'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;destroy'= {
            cand --only 'Deletes only this one, and what depends on it; may be given more than once'
            cand --force 'Deletes this one with the data in it; may be given more than once'
            cand --reads 'How many resources are read at a time'
            cand --parallelism 'How many changes are made at a time'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;status'= {
            cand --reads 'How many resources are read at a time'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --all 'Also shows every field that is there, those that nobody manages too'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;policy'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand check 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;policy;check'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;policy;help'= {
            cand check 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;policy;help;check'= {
        }
        &'athglue;policy;help;help'= {
        }
        &'athglue;outputs'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;crawl'= {
            cand --database 'The database of tables found at S3 paths, by its id in stack.toml or by name. Without it, the stack''s, if it has one'
            cand --table-prefix 'What the names of tables found at S3 paths begin with'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --no-wait 'Starts them and does not wait'
            cand --logs 'Prints the log of the crawlers'' last crawls; runs nothing'
            cand --native 'Crawls in this process, and writes into the Glue catalog from here'
            cand --dry-run 'Shows what would change, and writes nothing'
            cand --partitions-only 'Only brings in the partitions whose folders are new below tables that are there; reads no file'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;infer'= {
            cand --format 'How the tables are shown'
            cand --sample 'How many files of each folder are read. Without it, all'
            cand --exclude 'Names that are left out: glob patterns, relative to the path; may be given more than once'
            cand --database 'The database that DDL and TOML name, by its id in stack.toml or by name'
            cand --location 'Where DDL and TOML say that the data is'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --combine 'Takes all files of one format for one table'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;query'= {
            cand -f 'A file with the SQL; - reads it from stdin'
            cand -d 'The database of unqualified tables. Without it, the stack''s, if it has one'
            cand --database 'The database of unqualified tables. Without it, the stack''s, if it has one'
            cand -w 'The workgroup. Without it, the stack''s, if it has one; else primary'
            cand --workgroup 'The workgroup. Without it, the stack''s, if it has one; else primary'
            cand --results 'Where the result is written, if the workgroup does not say'
            cand --format 'How rows are printed'
            cand --rows 'How many rows a table shows at most; other formats print all'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;run'= {
            cand --input 'Its input: JSON, @FILE, or - for stdin'
            cand --name 'The execution''s name. Without it, Step Functions makes one up'
            cand --mocks 'What tasks answer, as Step Functions Local''s mock configuration says it; tasks that the test case does not name are run. On the embedded cloud only'
            cand --case 'The test case in --mocks; without it, the only one that the machine has there'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --no-wait 'Starts it and does not wait'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;executions'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'Lists executions, the newest first'
            cand show 'Shows an execution: its states, its output, or why it failed and where'
            cand stop 'Stops an execution'
            cand redrive 'Runs a failed, aborted or timed-out execution again from the states that did not succeed'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;executions;list'= {
            cand --status 'Only those that are so'
            cand --limit 'How many are listed at most'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;executions;show'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --events 'Shows its history, event by event, in place of its states'
            cand --follow 'Goes on showing it until it has ended'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;executions;stop'= {
            cand --error 'The error that its history tells'
            cand --cause 'Why it is stopped'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;executions;redrive'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --no-wait 'Starts it and does not wait'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;executions;help'= {
            cand list 'Lists executions, the newest first'
            cand show 'Shows an execution: its states, its output, or why it failed and where'
            cand stop 'Stops an execution'
            cand redrive 'Runs a failed, aborted or timed-out execution again from the states that did not succeed'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;executions;help;list'= {
        }
        &'athglue;executions;help;show'= {
        }
        &'athglue;executions;help;stop'= {
        }
        &'athglue;executions;help;redrive'= {
        }
        &'athglue;executions;help;help'= {
        }
        &'athglue;graph'= {
            cand --format 'What it is drawn as. Without it, what the name after -o says, else text'
            cand -o 'The file that it is written to'
            cand --out 'The file that it is written to'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;test'= {
            cand --case 'Only cases whose name has this in it'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;tables'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;describe'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;demo'= {
            cand --dir 'The folder for the example; without it, a temporary one'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand --keep 'Leaves the lake up, and the folder where it is'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;local'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand serve 'Serves the embedded cloud on a port of this machine, to any AWS client'
            cand reset 'Deletes everything that is in the embedded cloud'
            cand path 'Prints the folder that the embedded cloud keeps its data in'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;local;serve'= {
            cand --port 'The port; 0 takes a free one'
            cand --bind 'The address to bind. Anyone who reaches it can use the cloud'
            cand --chaos 'Misbehaves as this file says, for tests: throttles, fails, delays, loses answers'
            cand --mocks 'What tasks answer in test cases, as Step Functions Local''s mock configuration says it: StartExecution takes STATE_MACHINE_ARN#TEST_CASE'
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;local;reset'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;local;path'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;local;help'= {
            cand serve 'Serves the embedded cloud on a port of this machine, to any AWS client'
            cand reset 'Deletes everything that is in the embedded cloud'
            cand path 'Prints the folder that the embedded cloud keeps its data in'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;local;help;serve'= {
        }
        &'athglue;local;help;reset'= {
        }
        &'athglue;local;help;path'= {
        }
        &'athglue;local;help;help'= {
        }
        &'athglue;schema'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;completions'= {
            cand -C 'The stack: its file, or the folder that holds a stack.toml'
            cand --file 'The stack: its file, or the folder that holds a stack.toml'
            cand --target 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names'
            cand --profile 'The profile of the AWS configuration to use'
            cand --region 'The AWS region, for a stack that names none; a stack that names another is refused'
            cand --env 'The env that is meant: what `[env.NAME]` of stack.toml changes applies'
            cand --var 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml'
            cand --data-dir 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml'
            cand --output 'How results are printed'
            cand --color 'When to use colour'
            cand -y 'Changes without asking'
            cand --yes 'Changes without asking'
            cand -v 'Says more about what goes on; twice, everything'
            cand --verbose 'Says more about what goes on; twice, everything'
            cand -q 'Prints results, warnings and errors only'
            cand --quiet 'Prints results, warnings and errors only'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'athglue;help'= {
            cand init 'Writes a stack.toml to start from'
            cand validate 'Checks stack.toml and the files it names, without calling anything'
            cand plan 'Shows what `up` would change, and changes nothing'
            cand up 'Makes everything so as stack.toml says: creates, changes and deletes what it takes'
            cand destroy 'Deletes everything that the stack owns'
            cand status 'Shows everything of the stack and whether it is as stack.toml says'
            cand policy 'Shows the policy that something of the stack needs, with the reason of every statement'
            cand outputs 'Shows what the stack has under [outputs]'
            cand crawl 'Runs crawlers, waits for them, and shows what changed in the catalog'
            cand infer 'Says what tables and columns are in files, as Glue''s crawler would; writes nothing'
            cand query 'Runs SQL on Athena and prints the rows'
            cand run 'Runs a state machine and shows its states as they run'
            cand executions 'Lists, shows, stops and redrives executions of state machines'
            cand graph 'Draws a state machine, from the stack or from a file; asks no cloud'
            cand test 'Runs the test cases of state machines in this process: mocked tasks, a clock that waits for nothing, no cloud'
            cand tables 'Lists the tables of the catalog'
            cand describe 'Shows a table: its columns, where its data is, and how it is read'
            cand demo 'Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it down'
            cand local 'Serves, empties or finds the embedded cloud'
            cand schema 'Prints the JSON schema of stack.toml, for editors'
            cand completions 'Prints the completions of a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'athglue;help;init'= {
        }
        &'athglue;help;validate'= {
        }
        &'athglue;help;plan'= {
        }
        &'athglue;help;up'= {
        }
        &'athglue;help;destroy'= {
        }
        &'athglue;help;status'= {
        }
        &'athglue;help;policy'= {
            cand check 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something'
        }
        &'athglue;help;policy;check'= {
        }
        &'athglue;help;outputs'= {
        }
        &'athglue;help;crawl'= {
        }
        &'athglue;help;infer'= {
        }
        &'athglue;help;query'= {
        }
        &'athglue;help;run'= {
        }
        &'athglue;help;executions'= {
            cand list 'Lists executions, the newest first'
            cand show 'Shows an execution: its states, its output, or why it failed and where'
            cand stop 'Stops an execution'
            cand redrive 'Runs a failed, aborted or timed-out execution again from the states that did not succeed'
        }
        &'athglue;help;executions;list'= {
        }
        &'athglue;help;executions;show'= {
        }
        &'athglue;help;executions;stop'= {
        }
        &'athglue;help;executions;redrive'= {
        }
        &'athglue;help;graph'= {
        }
        &'athglue;help;test'= {
        }
        &'athglue;help;tables'= {
        }
        &'athglue;help;describe'= {
        }
        &'athglue;help;demo'= {
        }
        &'athglue;help;local'= {
            cand serve 'Serves the embedded cloud on a port of this machine, to any AWS client'
            cand reset 'Deletes everything that is in the embedded cloud'
            cand path 'Prints the folder that the embedded cloud keeps its data in'
        }
        &'athglue;help;local;serve'= {
        }
        &'athglue;help;local;reset'= {
        }
        &'athglue;help;local;path'= {
        }
        &'athglue;help;schema'= {
        }
        &'athglue;help;completions'= {
        }
        &'athglue;help;help'= {
        }
    ]
    $completions[$command]
}
