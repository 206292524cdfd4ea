using PiGrid.Grains.Scheduling;
using PiGrid.Tests.Verification;
using PiGrid.Verification;
using static PiGrid.Tests.Scheduling.Wishes;

namespace PiGrid.Tests.Scheduling;

/// <summary>
/// Nodes and shards around a dispatcher, moved at random, with a plain account of their own of who may have what. Shards hear of placements
/// late, nodes answer in any order and refuse at times, offers cross answers.
/// </summary>
internal sealed class DispatchWorld
{
    private readonly Dice _dice;
    private readonly Dispatcher _dispatcher;
    private readonly Dictionary<int, NodeAccount> _nodes = [];
    private readonly Dictionary<Guid, Wish> _wishes = [];
    private readonly List<string> _log = [];
    private int _requests;

    public DispatchWorld(Dice dice)
    {
        _dice = dice;
        _dispatcher = new Dispatcher(new SchedulingOptions { LanesMax = 1 + dice.Below(3), RequestLifetime = TimeSpan.FromDays(1) });
    }

    /// <summary>Everything that the dispatcher decided, in order.</summary>
    public IReadOnlyList<string> Log => _log;

    /// <summary>One random event; then everything that must hold is checked.</summary>
    public void Step()
    {
        _dispatcher.Now = _dispatcher.Now.AddMilliseconds(_dice.Below(2_000));
        switch (_dice.Below(10))
        {
            case 0 or 1 or 2:
                Offer(1 + _dice.Below(6));
                break;
            case 3 or 4 or 5:
                Want(1 + _dice.Below(4));
                break;
            case 6:
                Withdraw();
                break;
            case 7 or 8:
                Answer();
                break;
            default:
                On(new DispatchEvent.TimePassed());
                break;
        }

        CheckNoFreeSlotIsIdle();
    }

    private void Offer(int node)
    {
        var account = _nodes.GetValueOrDefault(node) ?? new NodeAccount();
        _nodes[node] = account;
        account.Sequence++;
        var offer = Wishes.Offer(
            node, free: _dice.Below(4), owner: node % 4, sequence: account.Sequence, slots: 3, memoryMib: _dice.OneOf(1024, 4096),
            speed: _dice.OneOf(1, 100), categories: _dice.OneOf<string[]>([], ["vision"], ["audio"]), isOperator: node == 6,
            cached: _dice.Below(3), available: !_dice.Once(5));
        var ahead = _dice.Below(3);
        offer = offer with
        {
            FreeCalls = offer.FreeSlots + ahead,
            Tier = offer.Operator ? null : _dice.OneOf(ReputationTier.Probation, ReputationTier.Trusted, ReputationTier.Trusted),
            Profile = offer.Profile with { Region = _dice.OneOf("north", "south"), PricePerHour = new(_dice.Below(3)), CallsAhead = ahead },
        };
        account.Offer = offer;
        account.GivenSince = 0;
        account.HasOthersSince = false;
        account.Unanswered = offer.Available ? account.Unanswered : [];
        account.UnansweredBefore = account.Unanswered.Count;
        On(new DispatchEvent.Offered(offer));
    }

    private void Want(int number)
    {
        var shard = number > 2 ? CallShard(number) : Shard(number);

        // The shard has heard of every placement that is settled since five seconds, and of some that are younger.
        var owners = _wishes.Values
            .Where(w => w.Request.Shard == shard && w.State is WishState.Given or WishState.Taken)
            .Where(w => (w.State == WishState.Taken && w.TakenAt < _dispatcher.Now.AddSeconds(-5)) || _dice.Once(3))
            .Select(w => w.Node!.Value);
        var request = Wishes.Want(
            ++_requests, number, askedMs: _dice.Below(50), exceptNodes: _dice.Once(4) ? [1 + _dice.Below(6)] : [], memoryMib: _dice.OneOf(1024, 2048),
            category: _dice.OneOf("vision", "vision", "audio"), kind: _dice.Once(8) ? WorkKind.Validate : WorkKind.Run, model: _dice.Below(3),
            requester: _dice.OneOf("a", "b", "c"), priority: _dice.OneOf(JobPriority.Low, JobPriority.Normal, JobPriority.High));
        request = request with { Shard = shard, ExcludedOwners = owners.Select(OwnerOf).Append(Owner(_dice.Below(20))).ToArray(), Placement = _dice.Once(2) ? Terms() : null };
        _wishes.Add(request.Id, new Wish(request));
        On(new DispatchEvent.Wanted(request));
    }

    private PlacementTerms Terms() => new()
    {
        Regions = _dice.OneOf<string[]>([], ["north"], ["south", "east"]),
        PrivacyClass = _dice.OneOf(PrivacyClass.Public, PrivacyClass.Trusted, PrivacyClass.Private),
        PriceLimit = _dice.OneOf<Amount?>(null, new Amount(0), new Amount(1)),
    };

    private void Withdraw()
    {
        var open = _wishes.Values.Where(w => w.State is WishState.Waiting or WishState.Given).ToArray();
        if (open.Length > 0)
        {
            var wish = _dice.OneOf(open);
            wish.State = wish.State == WishState.Waiting ? WishState.Over : wish.State;
            wish.IsWithdrawn = true;
            On(new DispatchEvent.Withdrawn(wish.Request.Id));
        }
    }

    private void Answer()
    {
        var given = _wishes.Values.Where(w => w.State == WishState.Given).ToArray();
        if (given.Length == 0)
        {
            return;
        }

        var wish = _dice.OneOf(given);
        var refused = _dice.Once(3);
        var forThisShard = refused && _dice.Once(2);
        var node = _nodes.Single(n => Node(n.Key) == wish.Node).Value;
        if (node.Unanswered.Remove(wish.Request.Id, out var sequence))
        {
            node.UnansweredBefore -= sequence < node.Sequence ? 1 : 0;
            node.Refused |= refused && !forThisShard && sequence == node.Sequence;
            node.GivenSince -= forThisShard && sequence == node.Sequence ? 1 : 0;
        }

        if (forThisShard)
        {
            wish.RefusedBy.Add(wish.Node!.Value);
        }

        var answeredBy = wish.Node!.Value;
        wish.State = !refused ? WishState.Taken : wish.IsWithdrawn ? WishState.Over : WishState.Waiting;
        wish.TakenAt = _dispatcher.Now;
        wish.Node = refused ? null : wish.Node;
        On(refused ? new DispatchEvent.Refused(answeredBy, wish.Request.Id, forThisShard) : new DispatchEvent.Assigned(answeredBy, wish.Request.Id));
    }

    private void On(DispatchEvent happened)
    {
        foreach (var command in _dispatcher.On(happened))
        {
            _log.Add(command is DispatchCommand.Assign a ? $"{a.Request.Id} to {a.Node}" : command.ToString());
            if (command is DispatchCommand.Assign assign)
            {
                CheckAndGive(assign);
            }
        }
    }

    private void CheckAndGive(DispatchCommand.Assign assign)
    {
        var node = _nodes.Single(n => Node(n.Key) == assign.Node).Value;
        var wish = _wishes[assign.Request.Id];
        Assert.Equal(WishState.Waiting, wish.State);
        Assert.False(wish.IsWithdrawn);
        Assert.True(node.FreeFor(wish.Request) > 0, "More than the free slots.");
        Assert.True(CanRun(node.Offer!, wish.Request), "The node cannot run it.");
        Assert.DoesNotContain(node.Offer!.Owner, wish.Request.ExcludedOwners);
        Assert.DoesNotContain(assign.Node, wish.Request.ExcludedNodes);
        Assert.DoesNotContain(assign.Node, wish.RefusedBy);
        Assert.DoesNotContain(_wishes.Values, w => w.Request.Shard == wish.Request.Shard
            && w.State is WishState.Given or WishState.Taken && OwnerOf(w.Node!.Value) == node.Offer.Owner);
        wish.State = WishState.Given;
        wish.Node = assign.Node;
        node.GivenSince++;
        node.HasOthersSince |= !wish.Request.Shard.Job.IsCall;
        node.Unanswered.Add(assign.Request.Id, node.Sequence);
    }

    private void CheckNoFreeSlotIsIdle()
    {
        foreach (var node in _nodes.Values)
        {
            Assert.DoesNotContain(_wishes.Values, wish => wish.State == WishState.Waiting
                && node.FreeFor(wish.Request) > 0
                && CanRun(node.Offer!, wish.Request)
                && !wish.Request.ExcludedOwners.Contains(node.Offer!.Owner)
                && !wish.Request.ExcludedNodes.Contains(node.Offer.Node)
                && !wish.RefusedBy.Contains(node.Offer.Node)
                && !_wishes.Values.Any(w => w.Request.Shard == wish.Request.Shard
                    && w.State is WishState.Given or WishState.Taken && OwnerOf(w.Node!.Value) == node.Offer.Owner));
        }
    }

    private OwnerId OwnerOf(NodeId node) => _nodes.Values.First(n => n.Offer!.Node == node).Offer!.Owner;

    private static bool CanRun(NodeOffer offer, ReplicaRequest request)
    {
        var work = request.Order.Work;
        var terms = request.Placement ?? new();
        var isOperators = work.Kind == WorkKind.Validate || terms.PrivacyClass == PrivacyClass.Private;
        return isOperators == offer.Operator
            && (isOperators || terms.PrivacyClass == PrivacyClass.Public || offer.Tier == ReputationTier.Trusted)
            && (terms.Regions.Count == 0 || terms.Regions.Contains(offer.Profile.Region))
            && (terms.PriceLimit is not { } limit || offer.Profile.PricePerHour.Micros <= limit.Micros)
            && work.Limits.MemoryMib <= offer.Profile.MemoryMib
            && (offer.Profile.Categories.Count == 0 || offer.Profile.Categories.Contains(work.Category));
    }

    private enum WishState
    {
        Waiting,
        Given,
        Taken,
        Over,
    }

    private sealed class Wish(ReplicaRequest request)
    {
        public ReplicaRequest Request { get; } = request;

        public WishState State { get; set; }

        public NodeId? Node { get; set; }

        public DateTimeOffset TakenAt { get; set; }

        public bool IsWithdrawn { get; set; }

        public HashSet<NodeId> RefusedBy { get; } = [];
    }

    private sealed class NodeAccount
    {
        public NodeOffer? Offer { get; set { field = value; Refused = false; } }

        public long Sequence { get; set; }

        public int GivenSince { get; set; }

        public int UnansweredBefore { get; set; }

        public bool Refused { get; set; }

        public Dictionary<Guid, long> Unanswered { get; set; } = [];

        public bool HasOthersSince { get; set; }

        public int FreeFor(ReplicaRequest request) => Offer!.Available && !Refused
            ? (request.Shard.Job.IsCall && !HasOthersSince ? Offer.FreeCalls : Offer.FreeSlots) - GivenSince - UnansweredBefore
            : 0;
    }
}
