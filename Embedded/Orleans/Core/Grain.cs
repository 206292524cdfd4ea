namespace Orleans.Runtime {
    /// <summary>One activation of a grain, as the grain and its services see it.</summary>
    public interface IGrainContext {
        GrainReference GrainReference { get; }
        GrainId GrainId { get; }
        object? GrainInstance { get; }
        IServiceProvider ActivationServices { get; }
        Task Deactivated { get; }

        /// <summary>Ends the activation once its running calls are done; returns at once.</summary>
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }
}

namespace Orleans {
    /// <summary>What every grain class implements, mostly by deriving from <see cref="Grain"/>.</summary>
    public interface IGrainBase {
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first call, after the state was read. Throwing fails the activation and its calls.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Runs after the last call. Not guaranteed to: a process may die.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }

    /// <summary>The base of grain classes. Instances are made by the engine, one per identity, and run one turn at a time.</summary>
    public abstract class Grain(IGrainContext grainContext) : IGrainBase, IAddressable {
        protected Grain() : this(RuntimeContext.Current!) { }

        public IGrainContext GrainContext => grainContext;

        public GrainReference GrainReference => GrainContext.GrainReference;

        public string IdentityString => GrainContext.GrainId.ToString();

        protected IGrainFactory GrainFactory => ServiceProvider.GetRequiredService<IGrainFactory>();

        protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

        /// <summary>Deactivates as soon as the running calls are done; later calls make a new activation.</summary>
        protected void DeactivateOnIdle() => ((IGrainBase)this).DeactivateOnIdle();

        /// <summary>Keeps the activation for at least a time, even idle. A negative time takes that back.</summary>
        protected void DelayDeactivation(TimeSpan timeSpan) => ((Activation)GrainContext).DelayDeactivation(timeSpan);

        public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
