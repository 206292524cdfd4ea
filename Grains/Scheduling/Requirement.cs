namespace PiGrid.Grains.Scheduling;

/// <summary>What a node must have to run a replica. Replicas with equal requirements share a <see cref="Lane"/>.</summary>
/// <param name="Kind">Operator-only work, or any.</param>
/// <param name="Category">The workload category that the volunteer must accept.</param>
/// <param name="MemoryMib">The memory of the worker.</param>
/// <param name="HardwareClass">The only hardware class allowed; any when null.</param>
/// <param name="IsHedge">Whether they wait for the budget of hedges as well.</param>
/// <param name="IsTail">Whether a node with nothing else to do may have them whatever the budget says.</param>
/// <param name="IsAudit">Whether only operator nodes may have them.</param>
/// <param name="MayWait">Whether they may wait on a node for its next free slot: online calls, but no hedges, which are there because something waits.</param>
/// <param name="Privacy">Whose nodes may see the inputs.</param>
internal readonly record struct Requirement(
    WorkKind Kind, string Category, int MemoryMib, string? HardwareClass, bool IsHedge, bool IsTail, bool IsAudit, bool MayWait, PrivacyClass Privacy)
{
    /// <summary>What the request requires.</summary>
    public static Requirement Of(ReplicaRequest request) => Of(request.Order.Work, request.Placement) with
    {
        HardwareClass = request.HardwareClass,
        IsHedge = request.Hedge,
        IsTail = request is { Hedge: true, Tail: true },
        IsAudit = request.Operator,
        MayWait = request.Shard.Job.IsCall && !request.Hedge,
    };

    /// <summary>What the work requires of every node.</summary>
    public static Requirement Of(WorkTemplate work, PlacementTerms? placement) => new(
        work.Kind, work.Category, work.Limits.MemoryMib, HardwareClass: null, IsHedge: false, IsTail: false, IsAudit: false, MayWait: false, placement?.PrivacyClass ?? PrivacyClass.Public);

    /// <summary>Whether the node can run it at all, now or once it is free.</summary>
    public bool Fits(BoardNode node, SchedulingOptions options) =>
        IsFor(node, options) && Accepts(node) && HasMemory(node) && IsOfClass(node);

    /// <summary>Such replicas that the node can take now.</summary>
    public int FreeOn(BoardNode node) => MayWait ? node.FreeCalls : node.Free;

    /// <summary>Operator nodes alone are trusted to validate a model, and with what is private; they are not there to earn with volunteers' work.</summary>
    public bool IsFor(BoardNode node, SchedulingOptions options) => PlacementRules.MaySee(Privacy, node.IsOperator, node.Tier) && Kind switch
    {
        WorkKind.Validate => node.IsOperator,

        // Which node opens is the request's to say.
        WorkKind.Open => true,
        WorkKind.Audit => node.IsOperator && node.Profile.Segments,
        WorkKind.Run => node.IsOperator ? IsAudit || Privacy == PrivacyClass.Private || options.OperatorNodesRunJobs : !IsAudit,
    };

    /// <summary>Whether the volunteer's preferences accept the category.</summary>
    public bool Accepts(BoardNode node) => Kind is WorkKind.Open or WorkKind.Audit || node.Profile.Categories.Count == 0 || node.Profile.Categories.Contains(Category);

    /// <summary>Whether the node's workers may use enough memory.</summary>
    public bool HasMemory(BoardNode node) => MemoryMib <= node.Profile.MemoryMib;

    /// <summary>Whether the node's numbers are comparable with those of the replicas before.</summary>
    public bool IsOfClass(BoardNode node) => HardwareClass is null || HardwareClass == node.Profile.HardwareClass;
}
