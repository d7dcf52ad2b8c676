-module(warren_links_tests).

-include_lib("eunit/include/eunit.hrl").

-define(OURS, [{<<"policies">>, <<"/api/policies/shop/warren.federation.orders">>}]).

document(Upstreams) ->
    #{<<"policies">> => [#{<<"vhost">> => <<"shop">>, <<"name">> => <<"warren.federation.orders">>,
                           <<"pattern">> => <<"^(orders)$">>, <<"apply-to">> => <<"exchanges">>,
                           <<"priority">> => 100,
                           <<"definition">> => #{<<"federation-upstream-set">> => <<"set">>}}],
      <<"parameters">> => [#{<<"component">> => <<"federation-upstream-set">>,
                             <<"vhost">> => <<"shop">>, <<"name">> => <<"set">>,
                             <<"value">> => [#{<<"upstream">> => U} || U <- Upstreams]}]}.

report(Upstream, Node, Since, Status) ->
    #{<<"vhost">> => <<"shop">>, <<"exchange">> => <<"orders">>, <<"upstream">> => Upstream,
      <<"timestamp">> => Since, <<"status">> => Status, <<"node">> => Node}.

links_are_read_from_policies_and_sets_test() ->
    ?assertEqual([{<<"shop">>, <<"orders">>, <<"a">>}, {<<"shop">>, <<"orders">>, <<"b">>}],
                 warren_links:carried(document([<<"a">>, <<"b">>]))).

the_declared_link_is_alive_test() ->
    ?assertEqual([], warren_links:dead(document([<<"a">>]), ?OURS,
                                       [report(<<"a">>, <<"n1">>, <<"10:00">>, <<"error">>)])).

what_is_not_declared_is_dead_test() ->
    ?assertEqual([{<<"shop">>, <<"orders">>, <<"n1">>}],
                 warren_links:dead(document([<<"a">>]), ?OURS,
                                   [report(<<"b">>, <<"n1">>, <<"10:00">>, <<"running">>)])).

the_newest_report_is_believed_and_in_one_second_the_running_one_test() ->
    Report = fun(Node, Since, Status) -> report(<<"a">>, Node, Since, Status) end,
    ?assertEqual([{<<"shop">>, <<"orders">>, <<"n1">>}, {<<"shop">>, <<"orders">>, <<"n3">>}],
                 warren_links:dead(document([<<"a">>]), ?OURS,
                                   [Report(<<"n1">>, <<"10:00">>, <<"running">>),
                                    Report(<<"n2">>, <<"10:01">>, <<"running">>),
                                    Report(<<"n3">>, <<"10:01">>, <<"error">>)])).

what_others_federated_is_theirs_test() ->
    ?assertEqual([], warren_links:dead(#{}, [],
                                       [report(<<"a">>, <<"n1">>, <<"10:00">>, <<"error">>)])).

%% The report goes away once its node was told, and the policy comes back.
a_node_that_reports_a_dead_link_is_told_test() ->
    Node = <<"rabbit@one.svc">>,
    Dead = iolist_to_binary(json:encode([report(<<"b">>, Node, <<"10:00">>, <<"error">>)])),
    Path = "/api/policies/shop/warren.federation.orders",
    {Client, Log} = warren_fake:client(
                      #{{get, "/api/federation-links"} => [{200, Dead}, {200, <<"[]">>}],
                        {delete, "https://one.svc:15671" ++ Path} => {204, <<>>},
                        {put, Path} => {201, <<>>}}),
    ?assertEqual(ok, warren_links:forget_dead(Client, document([<<"a">>]), ?OURS, 0)),
    ?assertEqual([{delete, "https://one.svc:15671" ++ Path}, {put, Path}],
                 warren_fake:changed(Log)).

a_node_that_does_not_listen_is_not_told_for_ever_test() ->
    Node = <<"rabbit@one.svc">>,
    Dead = iolist_to_binary(json:encode([report(<<"b">>, Node, <<"10:00">>, <<"error">>)])),
    {Client, Log} = warren_fake:client(#{{get, "/api/federation-links"} => {200, Dead}}),
    ?assertEqual(ok, warren_links:forget_dead(Client, document([<<"a">>]), ?OURS, 0)),
    ?assertEqual(6, length([1 || {get, "/api/federation-links"} <- warren_fake:asked(Log)])).

brokers_without_the_plugin_report_nothing_test() ->
    {Client, Log} = warren_fake:client(#{}),
    ?assertEqual(ok, warren_links:forget_dead(Client, #{}, ?OURS, 0)),
    ?assertEqual([], warren_fake:changed(Log)).

%% A bare policy would take away, for a moment, what the one in force gives the exchange.
what_is_in_force_stays_in_force_test() ->
    Policy = <<"{\"priority\":7,\"definition\":{\"alternate-exchange\":\"y\","
               "\"federation-upstream\":\"u\"}}">>,
    {Client, _} = warren_fake:client(
                    #{{get, "/api/exchanges/shop/a.b"} => {200, <<"{\"policy\":\"mine\"}">>},
                      {get, "/api/policies/shop/mine"} => {200, Policy}}),
    ?assertEqual(#{<<"pattern">> => <<"^a\\.b$">>, <<"apply-to">> => <<"exchanges">>,
                   <<"priority">> => 8,
                   <<"definition">> => #{<<"alternate-exchange">> => <<"y">>,
                                         <<"federation-upstream-set">> => <<"warren.none">>}},
                 warren_links:nothing_federated(Client, <<"shop">>, <<"a.b">>)).
