namespace Orleans.Configuration {
    /// <summary>Limits of calls; the parts of Orleans's options that one process has a use for.</summary>
    public abstract class MessagingOptions {
        /// <summary>How long callers wait for an answer. 30 s by default.</summary>
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>The largest message over the gateway, in bytes. 100 MiB by default.</summary>
        public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;
    }

    /// <summary>Limits of calls from grains and from the silo's own client.</summary>
    public class SiloMessagingOptions : MessagingOptions;

    /// <summary>Limits of calls from a client in another process.</summary>
    public class ClientMessagingOptions : MessagingOptions;

    /// <summary>When idle activations are collected, and how long activating and deactivating may take.</summary>
    public class GrainCollectionOptions {
        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>Ages of single classes, by full class name.</summary>
        public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }
}

namespace Orleans.Hosting {
    /// <summary>Limits of reminders.</summary>
    public sealed class ReminderOptions {
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);
    }
}
