using PiGrid.Verification;

namespace PiGrid.Grains.Scheduling;

/// <summary>
/// A node as the dispatcher knows it. Its free slots are what its newest offer said, less what it was given since; what was given before that
/// offer and is not answered yet may or may not be in the offer, and is taken off until the answer.
/// </summary>
internal sealed class BoardNode(NodeOffer offer)
{
    private readonly Dictionary<Guid, long> _unanswered = [];
    // How much faster its replicas are than others of their kind, as a natural logarithm; and how far a single one is believed.
    private const double LearnWeight = 0.1;
    private const double AheadMax = 4;
    private double _ahead;
    private int _offered;
    private int _offeredCalls;
    private int _givenSince;
    private bool _hasOthersSince;
    private int _unansweredBefore;

    /// <summary>The node.</summary>
    public NodeId Id { get; } = offer.Node;

    /// <summary>Who answers for it.</summary>
    public OwnerId Owner { get; private set; }

    /// <summary>Whether it belongs to the operator.</summary>
    public bool IsOperator { get; private set; }

    /// <summary>How far it is believed; null for an operator node.</summary>
    public ReputationTier? Tier { get; private set; }

    /// <summary>What it says of itself.</summary>
    public NodeProfile Profile { get; private set; } = offer.Profile;

    /// <summary>The models that it has on disk.</summary>
    public IReadOnlyList<Sha256> CachedModels { get; private set; } = [];

    /// <summary>The number of its newest offer; below every offer's before the first.</summary>
    public long Sequence { get; private set; } = long.MinValue;

    /// <summary>The number of the dispatcher's step in which it was last given something; 0 for never.</summary>
    public long GivenAt { get; private set; }

    /// <summary>Replicas that it can take now.</summary>
    public int Free => Math.Max(0, _offered - _givenSince - _unansweredBefore);

    /// <summary>
    /// Replicas of online calls that it can take now: beyond its free slots, they wait on it for the next one. Whether other work has come to fill them all is not known
    /// before the next offer.
    /// </summary>
    public int FreeCalls => _hasOthersSince ? Free : Math.Max(0, _offeredCalls - _givenSince - _unansweredBefore);

    /// <summary>Replicas that it has, as far as known.</summary>
    public int Busy => Math.Max(0, Profile.Slots + Profile.CallsAhead - _offeredCalls) + _givenSince + _unansweredBefore;

    /// <summary>
    /// The power of two of its expected speed: its benchmark's, corrected by how its replicas compare with others of their kind, times the
    /// probability that it stays. Nodes of about one speed are equals, whatever the noise.
    /// </summary>
    public int SpeedClass { get; private set; }

    /// <summary>Takes over a newer offer.</summary>
    public void Apply(NodeOffer newest, SchedulingOptions options)
    {
        Owner = newest.Owner;
        IsOperator = newest.Operator;
        Tier = newest.Tier;
        Profile = newest.Profile;
        CachedModels = newest.CachedModels.Count <= options.CachedModelsMax
            ? newest.CachedModels
            : newest.CachedModels.Take(options.CachedModelsMax).ToArray();
        Sequence = newest.Sequence;
        var speed = Profile.Speed * Math.Exp(_ahead) * Math.Clamp(newest.Stays, 0.001, 1);
        SpeedClass = double.IsFinite(speed) && speed > 0 ? Math.ILogB(speed) : int.MinValue;
        _offered = Math.Clamp(newest.FreeSlots, 0, options.SlotsPerNodeMax);
        _offeredCalls = _offered + Math.Clamp(newest.FreeCalls - newest.FreeSlots, 0, options.SlotsPerNodeMax);
        _givenSince = 0;
        _hasOthersSince = false;
        _unansweredBefore = _unanswered.Count;
    }

    /// <summary>
    /// One of its replicas took so long, where the median of its kind is <paramref name="typical"/>. What a benchmark promises and work does not
    /// show (a disk, a link, a busy owner) is learned here. Takes effect with the next offer.
    /// </summary>
    public void Learn(TimeSpan took, TimeSpan typical) =>
        _ahead += LearnWeight * (Math.Clamp(Math.Log(typical / took), -AheadMax, AheadMax) - _ahead);

    /// <summary>It is being given a replica.</summary>
    public void Give(Guid request, bool isCall, long step)
    {
        _unanswered.Add(request, Sequence);
        _givenSince++;
        _hasOthersSince |= !isCall;
        GivenAt = step;
    }

    /// <summary>
    /// It answered. A refusal that is not for one shard alone means that the offer was not true: nothing more is given until there is a newer one,
    /// or there is one already.
    /// </summary>
    /// <returns>Whether its offer became void.</returns>
    public bool Answer(Guid request, NodeAnswer answer)
    {
        if (!_unanswered.Remove(request, out var sequence))
        {
            return false;
        }

        if (sequence < Sequence)
        {
            _unansweredBefore--;
            return false;
        }

        _givenSince -= answer == NodeAnswer.Took ? 0 : 1;
        (_offered, _offeredCalls) = answer == NodeAnswer.Refused ? (0, 0) : (_offered, _offeredCalls);
        return answer == NodeAnswer.Refused;
    }
}
