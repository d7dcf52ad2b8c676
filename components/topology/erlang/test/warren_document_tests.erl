-module(warren_document_tests).

-include_lib("eunit/include/eunit.hrl").

%% What earlier versions remembered in the cluster must be what this one calls the same objects.
every_kind_has_the_name_that_clusters_remember_test() ->
    ?assertEqual(
       [{<<"bindings">>, <<"[\"shop\",\"orders\",\"a b\",\"queue\",\"#\",{}]">>},
        {<<"exchanges">>, <<"/api/exchanges/shop/orders">>},
        {<<"parameters">>, <<"/api/parameters/federation-upstream/shop/east">>},
        {<<"permissions">>, <<"/api/permissions/shop/link">>},
        {<<"policies">>, <<"/api/policies/shop/p">>},
        {<<"queues">>, <<"/api/queues/shop/a%20b">>},
        {<<"users">>, <<"/api/users/link">>},
        {<<"vhosts">>, <<"/api/vhosts/shop">>}],
       warren_document:declared(
         #{<<"vhosts">> => [#{<<"name">> => <<"shop">>}],
           <<"users">> => [#{<<"name">> => <<"link">>}],
           <<"permissions">> => [#{<<"user">> => <<"link">>, <<"vhost">> => <<"shop">>}],
           <<"parameters">> => [#{<<"component">> => <<"federation-upstream">>,
                                  <<"vhost">> => <<"shop">>, <<"name">> => <<"east">>}],
           <<"policies">> => [#{<<"vhost">> => <<"shop">>, <<"name">> => <<"p">>}],
           <<"exchanges">> => [#{<<"vhost">> => <<"shop">>, <<"name">> => <<"orders">>}],
           <<"queues">> => [#{<<"vhost">> => <<"shop">>, <<"name">> => <<"a b">>}],
           <<"bindings">> => [#{<<"vhost">> => <<"shop">>, <<"source">> => <<"orders">>,
                                <<"destination">> => <<"a b">>,
                                <<"destination_type">> => <<"queue">>,
                                <<"routing_key">> => <<"#">>}]})).

declared_twice_is_declared_once_test() ->
    User = #{<<"name">> => <<"u">>},
    ?assertMatch([_], warren_document:declared(#{<<"users">> => [User, User]})).

%% Without its quotes a name could lead to another object.
a_name_stays_one_part_of_the_path_test_() ->
    [?_assertEqual(<<"/api/queues/%2F/a%2Fb%3Fc%25">>,
                   warren_document:path(["queues", <<"/">>, <<"a/b?c%">>])),
     ?_assertEqual(<<"/api/vhosts/%C3%A4">>, warren_document:path(["vhosts", <<"ä"/utf8>>]))].

links_go_first_and_vhosts_last_test() ->
    Kinds = [<<"vhosts">>, <<"exchanges">>, <<"queues">>, <<"bindings">>, <<"users">>,
             <<"permissions">>, <<"parameters">>, <<"policies">>],
    ?assertEqual(lists:reverse(Kinds),
                 [Kind || {Kind, _} <- warren_document:in_order([{Kind, <<"x">>} || Kind <- Kinds])]).

what_may_hold_messages_waits_test() ->
    ?assertEqual([<<"queues">>, <<"exchanges">>, <<"vhosts">>],
                 [Kind || Kind <- [<<"policies">>, <<"queues">>, <<"exchanges">>, <<"vhosts">>],
                          warren_document:may_hold_messages({Kind, <<"x">>})]).

summary_leaves_out_what_is_empty_test() ->
    ?assertEqual("2 queues, 1 users",
                 lists:flatten(warren_document:summary(
                                 #{<<"users">> => [#{}], <<"queues">> => [#{}, #{}],
                                   <<"policies">> => []}))).
