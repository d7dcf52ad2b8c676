-module(warren_memory_tests).

-include_lib("eunit/include/eunit.hrl").

-define(PATH, "/api/global-parameters/warren_declared").

what_is_written_is_read_test() ->
    Items = [{<<"users">>, <<"/api/users/a">>}, {<<"users">>, <<"/api/users/b">>},
             {<<"vhosts">>, <<"/api/vhosts/v">>}],
    {Client, Log} = warren_fake:client(#{{put, ?PATH} => {201, <<>>}}),
    ok = warren_memory:write(Client, Items),
    [{_, put, ?PATH, Body}] = ets:tab2list(Log),
    {Reader, _} = warren_fake:client(#{{get, ?PATH} => {200, Body}}),
    ?assertEqual(Items, lists:sort(warren_memory:read(Reader))).

a_cluster_that_was_never_told_remembers_nothing_test() ->
    {Client, _} = warren_fake:client(#{}),
    ?assertEqual([], warren_memory:read(Client)).

the_broker_writes_an_empty_object_as_a_list_test() ->
    {Client, _} = warren_fake:client(#{{get, ?PATH} => {200, <<"{\"value\":[]}">>}}),
    ?assertEqual([], warren_memory:read(Client)).

a_refusal_ends_the_job_test_() ->
    [?_assertThrow({failed, _}, warren_memory:write(client(put), [])),
     ?_assertThrow({failed, _}, warren_memory:read(client(get)))].

client(Method) ->
    {Client, _} = warren_fake:client(#{{Method, ?PATH} => {400, <<"no">>}}),
    Client.
