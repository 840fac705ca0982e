const configured = document.querySelector<HTMLMetaElement>("meta[name=click2call-base]")?.content ?? "";

/** This installation's address as CRMs reach it: the public URL when it is configured, else the page's own origin. */
export const base: string = /^https?:\/\//.test(configured) ? configured.replace(/\/$/, "") : window.location.origin;
