-module(warren_http_tests).

-include_lib("eunit/include/eunit.hrl").

a_leader_that_is_being_elected_is_waited_for_test() ->
    {Client, Log} = warren_fake:client(
                      #{{get, "/x"} => [{503, <<>>}, {error, timeout}, {500, <<>>}, {200, <<"y">>}]}),
    ?assertEqual({200, <<"y">>}, warren_http:get(Client, "/x")),
    ?assertEqual(4, length(warren_fake:asked(Log))).

not_for_ever_test() ->
    {Client, Log} = warren_fake:client(#{{get, "/x"} => {error, econnrefused}}),
    ?assertEqual({error, econnrefused}, warren_http:get(Client, "/x")),
    ?assertEqual(6, length(warren_fake:asked(Log))).

a_refusal_is_an_answer_test_() ->
    [?_assertEqual({Code, <<>>}, warren_http:delete(client(Code), "/x")) || Code <- [204, 400, 401, 404]].

client(Code) ->
    {Client, _} = warren_fake:client(#{{delete, "/x"} => [{Code, <<>>}, {200, <<"again">>}]}),
    Client.

a_node_is_asked_by_its_own_name_test() ->
    {Client, Log} = warren_fake:client(#{}),
    _ = warren_http:get(warren_http:at_node(Client, <<"rabbit@one.nodes.svc">>), "/x"),
    ?assertEqual([{get, "https://one.nodes.svc:15671/x"}], warren_fake:asked(Log)).

up_when_it_answers_test() ->
    {Client, _} = warren_fake:client(#{{get, "/api/overview"} => [{error, nxdomain}, {200, <<>>}]}),
    ?assertEqual(ok, warren_http:wait_until_up(Client)).

who_is_not_let_in_need_not_wait_test() ->
    {Client, Log} = warren_fake:client(#{{get, "/api/overview"} => {401, <<>>}}),
    ?assertThrow({failed, <<"the brokers do not know the administrator", _/binary>>},
                 warren_http:wait_until_up(Client)),
    ?assertEqual(1, length(warren_fake:asked(Log))).

who_never_answers_is_named_test() ->
    {Client, Log} = warren_fake:client(#{{get, "/api/overview"} => {error, econnrefused}}),
    ?assertThrow({failed, <<"the management API at https://broker:15671 did not answer", _/binary>>},
                 warren_http:wait_until_up(Client)),
    ?assertEqual(60, length(warren_fake:asked(Log))).
