
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'athglue' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'athglue'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'athglue' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Writes a stack.toml to start from')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Checks stack.toml and the files it names, without calling anything')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Shows what `up` would change, and changes nothing')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Makes everything so as stack.toml says: creates, changes and deletes what it takes')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Deletes everything that the stack owns')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Shows everything of the stack and whether it is as stack.toml says')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Shows the policy that something of the stack needs, with the reason of every statement')
            [CompletionResult]::new('outputs', 'outputs', [CompletionResultType]::ParameterValue, 'Shows what the stack has under [outputs]')
            [CompletionResult]::new('crawl', 'crawl', [CompletionResultType]::ParameterValue, 'Runs crawlers, waits for them, and shows what changed in the catalog')
            [CompletionResult]::new('infer', 'infer', [CompletionResultType]::ParameterValue, 'Says what tables and columns are in files, as Glue''s crawler would; writes nothing')
            [CompletionResult]::new('query', 'query', [CompletionResultType]::ParameterValue, 'Runs SQL on Athena and prints the rows')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Runs a state machine and shows its states as they run')
            [CompletionResult]::new('executions', 'executions', [CompletionResultType]::ParameterValue, 'Lists, shows, stops and redrives executions of state machines')
            [CompletionResult]::new('graph', 'graph', [CompletionResultType]::ParameterValue, 'Draws a state machine, from the stack or from a file; asks no cloud')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Runs the test cases of state machines in this process: mocked tasks, a clock that waits for nothing, no cloud')
            [CompletionResult]::new('tables', 'tables', [CompletionResultType]::ParameterValue, 'Lists the tables of the catalog')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Shows a table: its columns, where its data is, and how it is read')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it down')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Serves, empties or finds the embedded cloud')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Prints the JSON schema of stack.toml, for editors')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints the completions of a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;init' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--example', '--example', [CompletionResultType]::ParameterName, 'Writes the whole example that `athglue demo` uses, with its data')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;validate' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;plan' {
            [CompletionResult]::new('--save', '--save', [CompletionResultType]::ParameterName, 'Writes the plan to this file: `up FILE` carries it out if nothing moved until then')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only this one, and what it depends on; may be given more than once')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'This one may be deleted or replaced with the data in it; may be given more than once')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Takes this one over, with its data, if it is there already and belongs to no stack; may be given more than once')
            [CompletionResult]::new('--reads', '--reads', [CompletionResultType]::ParameterName, 'How many resources are read at a time')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'Exits with 2 if there are changes')
            [CompletionResult]::new('--keep-orphans', '--keep-orphans', [CompletionResultType]::ParameterName, 'Leaves what the stack owns and stack.toml no longer has')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;up' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only this one, and what it depends on; may be given more than once')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'This one may be deleted or replaced with the data in it; may be given more than once')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Takes this one over, with its data, if it is there already and belongs to no stack; may be given more than once')
            [CompletionResult]::new('--reads', '--reads', [CompletionResultType]::ParameterName, 'How many resources are read at a time')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many changes are made at a time')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--keep-orphans', '--keep-orphans', [CompletionResultType]::ParameterName, 'Leaves what the stack owns and stack.toml no longer has')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;destroy' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Deletes only this one, and what depends on it; may be given more than once')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Deletes this one with the data in it; may be given more than once')
            [CompletionResult]::new('--reads', '--reads', [CompletionResultType]::ParameterName, 'How many resources are read at a time')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many changes are made at a time')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;status' {
            [CompletionResult]::new('--reads', '--reads', [CompletionResultType]::ParameterName, 'How many resources are read at a time')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also shows every field that is there, those that nobody manages too')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;policy' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;policy;check' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;policy;help' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;policy;help;check' {
            break
        }
        'athglue;policy;help;help' {
            break
        }
        'athglue;outputs' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;crawl' {
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'The database of tables found at S3 paths, by its id in stack.toml or by name. Without it, the stack''s, if it has one')
            [CompletionResult]::new('--table-prefix', '--table-prefix', [CompletionResultType]::ParameterName, 'What the names of tables found at S3 paths begin with')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Starts them and does not wait')
            [CompletionResult]::new('--logs', '--logs', [CompletionResultType]::ParameterName, 'Prints the log of the crawlers'' last crawls; runs nothing')
            [CompletionResult]::new('--native', '--native', [CompletionResultType]::ParameterName, 'Crawls in this process, and writes into the Glue catalog from here')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Shows what would change, and writes nothing')
            [CompletionResult]::new('--partitions-only', '--partitions-only', [CompletionResultType]::ParameterName, 'Only brings in the partitions whose folders are new below tables that are there; reads no file')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;infer' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How the tables are shown')
            [CompletionResult]::new('--sample', '--sample', [CompletionResultType]::ParameterName, 'How many files of each folder are read. Without it, all')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Names that are left out: glob patterns, relative to the path; may be given more than once')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'The database that DDL and TOML name, by its id in stack.toml or by name')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'Where DDL and TOML say that the data is')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--combine', '--combine', [CompletionResultType]::ParameterName, 'Takes all files of one format for one table')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;query' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A file with the SQL; - reads it from stdin')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The database of unqualified tables. Without it, the stack''s, if it has one')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'The database of unqualified tables. Without it, the stack''s, if it has one')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'The workgroup. Without it, the stack''s, if it has one; else primary')
            [CompletionResult]::new('--workgroup', '--workgroup', [CompletionResultType]::ParameterName, 'The workgroup. Without it, the stack''s, if it has one; else primary')
            [CompletionResult]::new('--results', '--results', [CompletionResultType]::ParameterName, 'Where the result is written, if the workgroup does not say')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How rows are printed')
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'How many rows a table shows at most; other formats print all')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;run' {
            [CompletionResult]::new('--input', '--input', [CompletionResultType]::ParameterName, 'Its input: JSON, @FILE, or - for stdin')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The execution''s name. Without it, Step Functions makes one up')
            [CompletionResult]::new('--mocks', '--mocks', [CompletionResultType]::ParameterName, 'What tasks answer, as Step Functions Local''s mock configuration says it; tasks that the test case does not name are run. On the embedded cloud only')
            [CompletionResult]::new('--case', '--case', [CompletionResultType]::ParameterName, 'The test case in --mocks; without it, the only one that the machine has there')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Starts it and does not wait')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;executions' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Lists executions, the newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Shows an execution: its states, its output, or why it failed and where')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stops an execution')
            [CompletionResult]::new('redrive', 'redrive', [CompletionResultType]::ParameterValue, 'Runs a failed, aborted or timed-out execution again from the states that did not succeed')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;executions;list' {
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only those that are so')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many are listed at most')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;executions;show' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--events', '--events', [CompletionResultType]::ParameterName, 'Shows its history, event by event, in place of its states')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Goes on showing it until it has ended')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;executions;stop' {
            [CompletionResult]::new('--error', '--error', [CompletionResultType]::ParameterName, 'The error that its history tells')
            [CompletionResult]::new('--cause', '--cause', [CompletionResultType]::ParameterName, 'Why it is stopped')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;executions;redrive' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-wait', '--no-wait', [CompletionResultType]::ParameterName, 'Starts it and does not wait')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;executions;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Lists executions, the newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Shows an execution: its states, its output, or why it failed and where')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stops an execution')
            [CompletionResult]::new('redrive', 'redrive', [CompletionResultType]::ParameterValue, 'Runs a failed, aborted or timed-out execution again from the states that did not succeed')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;executions;help;list' {
            break
        }
        'athglue;executions;help;show' {
            break
        }
        'athglue;executions;help;stop' {
            break
        }
        'athglue;executions;help;redrive' {
            break
        }
        'athglue;executions;help;help' {
            break
        }
        'athglue;graph' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'What it is drawn as. Without it, what the name after -o says, else text')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file that it is written to')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'The file that it is written to')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;test' {
            [CompletionResult]::new('--case', '--case', [CompletionResultType]::ParameterName, 'Only cases whose name has this in it')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;tables' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;describe' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;demo' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The folder for the example; without it, a temporary one')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Leaves the lake up, and the folder where it is')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;local' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serves the embedded cloud on a port of this machine, to any AWS client')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Deletes everything that is in the embedded cloud')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Prints the folder that the embedded cloud keeps its data in')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;local;serve' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port; 0 takes a free one')
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'The address to bind. Anyone who reaches it can use the cloud')
            [CompletionResult]::new('--chaos', '--chaos', [CompletionResultType]::ParameterName, 'Misbehaves as this file says, for tests: throttles, fails, delays, loses answers')
            [CompletionResult]::new('--mocks', '--mocks', [CompletionResultType]::ParameterName, 'What tasks answer in test cases, as Step Functions Local''s mock configuration says it: StartExecution takes STATE_MACHINE_ARN#TEST_CASE')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;local;reset' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;local;path' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;local;help' {
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serves the embedded cloud on a port of this machine, to any AWS client')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Deletes everything that is in the embedded cloud')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Prints the folder that the embedded cloud keeps its data in')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;local;help;serve' {
            break
        }
        'athglue;local;help;reset' {
            break
        }
        'athglue;local;help;path' {
            break
        }
        'athglue;local;help;help' {
            break
        }
        'athglue;schema' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;completions' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The stack: its file, or the folder that holds a stack.toml')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Where the stack is: `local` for the embedded cloud, `aws`, or the URL of an endpoint. Without it: local, or the endpoint that AWS_ENDPOINT_URL names')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the AWS configuration to use')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'The AWS region, for a stack that names none; a stack that names another is refused')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'The env that is meant: what `[env.NAME]` of stack.toml changes applies')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'The value of a variable of stack.toml; may be given more than once. Without it, that of ATHGLUE_VAR_NAME in the environment, then the one in stack.toml')
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Where the embedded cloud keeps its data. Without it: .athglue/ beside stack.toml')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How results are printed')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Changes without asking')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Says more about what goes on; twice, everything')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Prints results, warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'athglue;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Writes a stack.toml to start from')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Checks stack.toml and the files it names, without calling anything')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Shows what `up` would change, and changes nothing')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Makes everything so as stack.toml says: creates, changes and deletes what it takes')
            [CompletionResult]::new('destroy', 'destroy', [CompletionResultType]::ParameterValue, 'Deletes everything that the stack owns')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Shows everything of the stack and whether it is as stack.toml says')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Shows the policy that something of the stack needs, with the reason of every statement')
            [CompletionResult]::new('outputs', 'outputs', [CompletionResultType]::ParameterValue, 'Shows what the stack has under [outputs]')
            [CompletionResult]::new('crawl', 'crawl', [CompletionResultType]::ParameterValue, 'Runs crawlers, waits for them, and shows what changed in the catalog')
            [CompletionResult]::new('infer', 'infer', [CompletionResultType]::ParameterValue, 'Says what tables and columns are in files, as Glue''s crawler would; writes nothing')
            [CompletionResult]::new('query', 'query', [CompletionResultType]::ParameterValue, 'Runs SQL on Athena and prints the rows')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Runs a state machine and shows its states as they run')
            [CompletionResult]::new('executions', 'executions', [CompletionResultType]::ParameterValue, 'Lists, shows, stops and redrives executions of state machines')
            [CompletionResult]::new('graph', 'graph', [CompletionResultType]::ParameterValue, 'Draws a state machine, from the stack or from a file; asks no cloud')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Runs the test cases of state machines in this process: mocked tasks, a clock that waits for nothing, no cloud')
            [CompletionResult]::new('tables', 'tables', [CompletionResultType]::ParameterValue, 'Lists the tables of the catalog')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Shows a table: its columns, where its data is, and how it is read')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Stands up an example lake on the embedded cloud, crawls, queries and runs it, and takes it down')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Serves, empties or finds the embedded cloud')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Prints the JSON schema of stack.toml, for editors')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Prints the completions of a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'athglue;help;init' {
            break
        }
        'athglue;help;validate' {
            break
        }
        'athglue;help;plan' {
            break
        }
        'athglue;help;up' {
            break
        }
        'athglue;help;destroy' {
            break
        }
        'athglue;help;status' {
            break
        }
        'athglue;help;policy' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something')
            break
        }
        'athglue;help;policy;check' {
            break
        }
        'athglue;help;outputs' {
            break
        }
        'athglue;help;crawl' {
            break
        }
        'athglue;help;infer' {
            break
        }
        'athglue;help;query' {
            break
        }
        'athglue;help;run' {
            break
        }
        'athglue;help;executions' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Lists executions, the newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Shows an execution: its states, its output, or why it failed and where')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stops an execution')
            [CompletionResult]::new('redrive', 'redrive', [CompletionResultType]::ParameterValue, 'Runs a failed, aborted or timed-out execution again from the states that did not succeed')
            break
        }
        'athglue;help;executions;list' {
            break
        }
        'athglue;help;executions;show' {
            break
        }
        'athglue;help;executions;stop' {
            break
        }
        'athglue;help;executions;redrive' {
            break
        }
        'athglue;help;graph' {
            break
        }
        'athglue;help;test' {
            break
        }
        'athglue;help;tables' {
            break
        }
        'athglue;help;describe' {
            break
        }
        'athglue;help;demo' {
            break
        }
        'athglue;help;local' {
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serves the embedded cloud on a port of this machine, to any AWS client')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Deletes everything that is in the embedded cloud')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Prints the folder that the embedded cloud keeps its data in')
            break
        }
        'athglue;help;local;serve' {
            break
        }
        'athglue;help;local;reset' {
            break
        }
        'athglue;help;local;path' {
            break
        }
        'athglue;help;schema' {
            break
        }
        'athglue;help;completions' {
            break
        }
        'athglue;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
