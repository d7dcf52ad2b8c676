#!/usr/bin/env escript
%%! -noshell
%% Compiles the modules that lie beside it into memory and runs warren_reconcile. They come as source,
%% so that the machine that applies a stack needs no Erlang: the broker's image has its own compiler.
%%
%% Usage: reconcile.escript BASE_URL DOCUMENT PASSWORD_FILE CA_FILE USER

main(Arguments) ->
    Beside = filename:join(filename:dirname(escript:script_name()), "warren_*.erl"),
    Compiling = [spawn_monitor(fun() -> exit(compiled(File)) end)
                 || File <- filelib:wildcard(Beside)],
    lists:foreach(fun load/1, Compiling),
    warren_reconcile:main(Arguments).

compiled(File) -> {File, compile:file(File, [binary, report_errors])}.

load({Process, Monitor}) ->
    receive
        {'DOWN', Monitor, process, Process, {File, {ok, Module, Code}}} ->
            {module, Module} = code:load_binary(Module, File, Code);
        {'DOWN', Monitor, process, Process, Why} ->
            io:format("FAILED: the topology job's own code does not compile: ~tp~n", [Why]),
            halt(1)
    end.
