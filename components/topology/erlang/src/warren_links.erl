%% Reports of federation links that are no more.
%%
%% When an exchange's federation changes, RabbitMQ stops its links wherever they run, and forgets their
%% reports on the node that took the change (rabbit_federation_exchange.erl, maybe_stop). A link that
%% runs takes back its own; one that was down, as after the loss of its upstream, or just starting does
%% not, and its node would report it as it was until it restarts. So that node is told too.
-module(warren_links).

-export([forget_dead/4, dead/3, carried/1, nothing_federated/3]).

%% Vhost, exchange, and the node that reports.
-type dead() :: {binary(), binary(), binary()}.
%% Vhost, exchange and upstream.
-type link() :: {binary(), binary(), binary()}.
%% What a policy says, without its name.
-type policy() :: #{binary() => term()}.

-define(PREFIX, "warren.federation.").

%% Milliseconds after which a link that nothing hinders has started.
-define(LINKS_HAVE_STARTED, 3000).

-define(ROUNDS, 5).

%% Tells every node that reports a link that is no more. Ours: what warren declares or declared.
-spec forget_dead(warren_http:client(), warren_document:document(), [warren_document:item()],
                  non_neg_integer()) -> ok.
forget_dead(Client, Wanted, Ours, Pause) ->
    forget_dead(Client, Wanted, Ours, min(Pause, ?LINKS_HAVE_STARTED), ?ROUNDS).

-spec forget_dead(warren_http:client(), warren_document:document(), [warren_document:item()],
                  non_neg_integer(), non_neg_integer()) -> ok.
forget_dead(Client, Wanted, Ours, Pause, Left) ->
    case {dead(Wanted, Ours, reports(Client)), Left} of
        {[], _} -> ok;
        {Dead, 0} ->
            lists:foreach(
              fun({V, X, Node}) ->
                      warren_log:say("NOTE: node ~ts still reports a link of exchange ~ts in vhost "
                                     "~ts that is gone; it will until it restarts.", [Node, X, V])
              end, Dead);
        {Dead, _} ->
            lists:foreach(fun(One) -> forget(Client, One, Wanted) end, Dead),
            timer:sleep(Pause),
            forget_dead(Client, Wanted, Ours, Pause, Left - 1)
    end.

-spec reports(warren_http:client()) -> [warren_document:object()].
reports(Client) ->
    case warren_http:get(Client, "/api/federation-links") of
        {200, Body} -> json:decode(Body);
        {404, _} -> [];
        Other -> warren_log:refused("/api/federation-links", Other)
    end.

%% Reports of what is not declared, and all but the newest of what is: a link runs on one node.
%% Exchanges that others federated by hand are not looked at.
-spec dead(warren_document:document(), [warren_document:item()], [warren_document:object()]) ->
          [dead()].
dead(Wanted, Ours, Reports) ->
    Carried = carried(Wanted),
    Known = [{{V, X, U}, {Since, Status =:= <<"running">>, Node}}
             || #{<<"vhost">> := V, <<"exchange">> := X, <<"upstream">> := U,
                  <<"timestamp">> := Since, <<"status">> := Status, <<"node">> := Node} <- Reports,
                lists:member({<<"policies">>, policy_path(V, X)}, Ours)],
    lists:usort(
      [{V, X, Node}
       || {{V, X, _} = Link, {_, _, Node} = Report} <- Known,
          not lists:member(Link, Carried) orelse
              Report < lists:max([Other || {L, Other} <- Known, L =:= Link])]).

%% The links that a document declares.
-spec carried(warren_document:document()) -> [link()].
carried(Document) ->
    [{V, X, U}
     || #{<<"vhost">> := V, <<"name">> := <<?PREFIX, X/binary>>,
          <<"definition">> := #{<<"federation-upstream-set">> := Set}}
            <- warren_document:section(<<"policies">>, Document),
        #{<<"component">> := <<"federation-upstream-set">>, <<"vhost">> := SetV,
          <<"name">> := SetName, <<"value">> := Members}
            <- warren_document:section(<<"parameters">>, Document),
        SetV =:= V, SetName =:= Set,
        #{<<"upstream">> := U} <- Members].

%% Takes the exchange's federation away once more, at the node that remembers. What is declared comes
%% back at once; a run that is killed in between is run again, and imports it.
-spec forget(warren_http:client(), dead(), warren_document:document()) -> ok.
forget(Client, {V, X, Node}, Wanted) ->
    Path = policy_path(V, X),
    case [P || #{<<"vhost">> := PV, <<"name">> := N} = P
                   <- warren_document:section(<<"policies">>, Wanted),
               PV =:= V, N =:= policy_name(X)] of
        [Policy] ->
            tell(Client, Node, X, Path),
            _ = put_policy(Client, Path,
                           maps:with([<<"pattern">>, <<"apply-to">>, <<"priority">>,
                                      <<"definition">>], Policy)),
            ok;
        [] ->
            case put_policy(Client, Path, nothing_federated(Client, V, X)) of
                ok -> tell(Client, Node, X, Path);
                refused -> ok
            end
    end.

-spec tell(warren_http:client(), binary(), binary(), binary()) -> ok.
tell(Client, Node, X, Path) ->
    case warren_http:delete(warren_http:at_node(Client, Node), Path) of
        {204, _} -> warren_log:say("node ~ts was told that a link of exchange ~ts is gone", [Node, X]);
        Other -> warren_log:say("node ~ts could not be told that a link of exchange ~ts is gone: ~tp",
                                [Node, X, Other])
    end.

%% What is in force for the exchange, federated with a set of upstreams that does not exist. One policy
%% at a time is in force, so a bare one would take, for that moment, an alternate exchange away.
-spec nothing_federated(warren_http:client(), binary(), binary()) -> policy().
nothing_federated(Client, V, X) ->
    InForce = in_force(Client, V, X),
    Definition = maps:without([<<"federation-upstream">>, <<"federation-upstream-pattern">>],
                              maps:get(<<"definition">>, InForce, #{})),
    Escaped = re:replace(X, "[][\\\\^$.|?*+(){}]", "\\\\&", [global, unicode, {return, binary}]),
    #{<<"pattern">> => <<"^", Escaped/binary, "$">>,
      <<"apply-to">> => <<"exchanges">>,
      <<"priority">> => maps:get(<<"priority">>, InForce, 0) + 1,
      <<"definition">> => Definition#{<<"federation-upstream-set">> => <<"warren.none">>}}.

-spec in_force(warren_http:client(), binary(), binary()) -> policy().
in_force(Client, V, X) ->
    case read(Client, warren_document:path(["exchanges", V, X])) of
        #{<<"policy">> := Name} when is_binary(Name), Name =/= <<>> ->
            read(Client, warren_document:path(["policies", V, Name]));
        _ -> #{}
    end.

-spec read(warren_http:client(), binary()) -> policy().
read(Client, Path) ->
    case warren_http:get(Client, Path) of
        {200, Body} -> json:decode(Body);
        _ -> #{}
    end.

-spec put_policy(warren_http:client(), binary(), policy()) -> ok | refused.
put_policy(Client, Path, Policy) ->
    case warren_http:put(Client, Path, json:encode(Policy)) of
        {Code, _} when Code =:= 201; Code =:= 204 -> ok;
        Other ->
            warren_log:say("~ts was refused: ~tp", [Path, Other]),
            refused
    end.

-spec policy_path(binary(), binary()) -> binary().
policy_path(V, X) -> warren_document:path(["policies", V, policy_name(X)]).

-spec policy_name(binary()) -> binary().
policy_name(X) -> <<?PREFIX, X/binary>>.
