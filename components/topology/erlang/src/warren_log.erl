%% What the job says to whoever reads its log, and how it gives up.
-module(warren_log).

-export([say/2, failed/2, refused/2]).

%% One line of the log.
-spec say(string(), [term()]) -> ok.
say(Format, Arguments) -> io:format(Format ++ "~n", Arguments).

%% Ends the job: warren_reconcile:main/1 prints the text, and the container's exit code is 1.
-spec failed(string(), [term()]) -> no_return().
failed(Format, Arguments) ->
    throw({failed, unicode:characters_to_binary(io_lib:format(Format, Arguments))}).

%% The same, for an answer of the management API that nobody expected.
-spec refused(iodata(), term()) -> no_return().
refused(Path, Answer) -> failed("~ts: unexpected answer ~tp", [Path, Answer]).
